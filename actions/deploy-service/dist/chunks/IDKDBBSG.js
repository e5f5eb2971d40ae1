import{a as o}from"./ZM2XUYVT.js";var t=o((p,e)=>{e.exports=process.getBuiltinModule("node:path")});export{t as a};
