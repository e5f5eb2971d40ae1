import{a,b,c}from"./X5GAEIYS.js";import"./PM5HPPJS.js";import"./ZM2XUYVT.js";export{b as assumeRole,c as sessionNameOf,a as webIdentityProvider};
