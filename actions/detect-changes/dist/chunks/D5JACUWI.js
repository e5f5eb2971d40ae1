import{c as a}from"./4ATURK7K.js";import"./PM5HPPJS.js";import"./LA2TKTPE.js";import"./ZM2XUYVT.js";export{a as loadManifest};
