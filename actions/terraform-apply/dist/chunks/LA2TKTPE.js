import{a as o}from"./ZM2XUYVT.js";var s=o((p,e)=>{e.exports=process.getBuiltinModule("node:process")});export{s as a};
