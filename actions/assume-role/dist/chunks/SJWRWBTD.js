import{a,b,c}from"./EGWEBQVJ.js";import"./36B7YSPQ.js";import"./ZM2XUYVT.js";export{b as assumeRole,c as sessionNameOf,a as webIdentityProvider};
