import{a}from"./SCUWOE75.js";import"./ZM2XUYVT.js";export default a();
