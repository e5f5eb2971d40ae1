import{a as o}from"./ZM2XUYVT.js";var s=o((t,e)=>{e.exports=process.getBuiltinModule("node:fs")});export{s as a};
