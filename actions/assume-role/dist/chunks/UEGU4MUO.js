import{a,b,c}from"./4SFAJO36.js";import"./PM5HPPJS.js";import"./ZM2XUYVT.js";export{b as assumeRole,c as sessionNameOf,a as webIdentityProvider};
