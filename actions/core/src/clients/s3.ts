/** What is used of S3; loaded by `aws-clients.ts` when it is used first. */
export { GetObjectCommand, PutObjectCommand, S3Client as Client } from '@aws-sdk/client-s3';
