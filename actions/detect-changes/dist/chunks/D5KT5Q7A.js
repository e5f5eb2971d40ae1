import{c as a}from"./VOKFT5HA.js";import"./Z5OJ62D6.js";import"./LA2TKTPE.js";import"./ZM2XUYVT.js";export{a as loadManifest};
