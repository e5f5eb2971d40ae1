import{a as o}from"./ZM2XUYVT.js";var t=o((i,e)=>{e.exports=process.getBuiltinModule("node:util")});export{t as a};
