import{a}from"./2BPCFV7F.js";import"./ZM2XUYVT.js";export default a();
