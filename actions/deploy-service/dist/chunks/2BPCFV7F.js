import{a as e}from"./ZM2XUYVT.js";var s=e((n,o)=>{o.exports=process.getBuiltinModule("node:async_hooks")});export{s as a};
