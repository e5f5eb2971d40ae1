"""The stack that the e-mail document names, as its readers build it: FastAPI and boto3, one SendMessage a mail."""

import hmac
import os

import boto3
from botocore.config import Config
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

config = Config(max_pool_connections=40)
sqs = boto3.client("sqs", config=config)
token = boto3.client("ssm").get_parameter(Name=os.environ["SSM_TOKEN_PARAMETER"], WithDecryption=True)
expected = token["Parameter"]["Value"]
queue_url = os.environ["SQS_QUEUE_URL"]
app = FastAPI()


class Data(BaseModel):
    email_subject: str
    email_sender: str
    email_timestream: str
    email_content: str


class Mail(BaseModel):
    token: str
    data: Data


@app.post("/api/email", status_code=202)
def accept(mail: Mail) -> dict[str, str]:
    if not hmac.compare_digest(mail.token, expected):
        raise HTTPException(status_code=401, detail="wrong token")
    sent = sqs.send_message(QueueUrl=queue_url, MessageBody=mail.data.model_dump_json())
    return {"status": "accepted", "messageId": sent["MessageId"]}
