import{a,b,c}from"./PK466JAY.js";import"./Z5OJ62D6.js";import"./ZM2XUYVT.js";export{b as assumeRole,c as sessionNameOf,a as webIdentityProvider};
