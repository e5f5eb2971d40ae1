import{c as a}from"./AOJ5XLIO.js";import"./36B7YSPQ.js";import"./LA2TKTPE.js";import"./ZM2XUYVT.js";export{a as loadManifest};
