/** A token of that content. It is signed by nobody: the code under test never judges signatures, STS does. */
export function idTokenOf(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** STS's answer to AssumeRoleWithWebIdentity; `name` marks the keys, `expiresAt` is epoch milliseconds. */
export function stsSession(name: string, expiresAt: number): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<AssumedRoleUser><AssumedRoleId>AROA1:berth</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/deploy/berth</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIA${name}</AccessKeyId><SecretAccessKey>secret-${name}</SecretAccessKey><SessionToken>session-${name}</SessionToken>
<Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
}

/** An error of STS in the AWS Query protocol. */
export function stsRefusal(code: string, message: string): string {
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
}
