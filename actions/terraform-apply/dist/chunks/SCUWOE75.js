import{a as t}from"./ZM2XUYVT.js";var o=t((p,e)=>{e.exports=process.getBuiltinModule("node:http")});export{o as a};
