import{a as e}from"./ZM2XUYVT.js";var s=e((n,o)=>{o.exports=process.getBuiltinModule("node:net")});var l=e((d,t)=>{t.exports=process.getBuiltinModule("node:tls")});export{s as a,l as b};
