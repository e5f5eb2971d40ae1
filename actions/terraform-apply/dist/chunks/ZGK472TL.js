import{a as e}from"./ZM2XUYVT.js";var t=e((r,o)=>{o.exports=process.getBuiltinModule("node:fs")});var p=e((d,s)=>{s.exports=process.getBuiltinModule("node:crypto")});export{t as a,p as b};
