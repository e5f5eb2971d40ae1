import{a as t}from"./ZM2XUYVT.js";var o=t((s,e)=>{e.exports=process.getBuiltinModule("node:https")});export{o as a};
