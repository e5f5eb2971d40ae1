"""moto's server as the local AWS needs it: `python moto-server.py -H HOST -p PORT`. Runs until its standard input ends."""

import functools
import os
import select
import socket
import sys
import threading
import time

from flask import request
from moto import backends
from moto.core import responses
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.server import main
from moto.sqs import models as sqs
from werkzeug.serving import WSGIRequestHandler


def one_at_a_time(owner, *names):
    """Lets one thread at a time into the methods of these names, as if they were one."""
    lock = threading.RLock()

    def guarded(method):
        @functools.wraps(method)
        def call(*arguments, **named):
            with lock:
                return method(*arguments, **named)

        return call

    for name in names:
        setattr(owner, name, guarded(getattr(owner, name)))


# Bucket policies are kept and not applied: moto takes a condition that does not hold for a refusal, so that one which
# refuses plain HTTP only would close the bucket to everybody.
FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL

# What never changes is found out once, and no line is written for each request: nearly half of moto's time goes there.
services = frozenset(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: services
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
WSGIRequestHandler.log_request = lambda *_: None

# moto looks whether a key is free, and writes it in a second step: of two writes "if there is none" both succeeded, and
# the first was lost. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
one_at_a_time(S3Response, "put_object", "_key_response_post")

# Whoever deletes a message writes the queue's list anew, without what another has added meanwhile.
one_at_a_time(
    sqs.SQSBackend,
    "send_message",
    "receive_message",
    "delete_message",
    "change_message_visibility",
    "purge_queue",
)


def has_left():
    """Says whether the caller of this request has closed its connection."""
    connection = request.environ["werkzeug.socket"]
    can_read = select.select([connection], [], [], 0)[0]
    return bool(can_read) and connection.recv(1, socket.MSG_PEEK) == b""


# For each message that SQS hands out, moto counts the whole queue five times, to know for how long that one is kept,
# and makes two dates for each time it asks for the clock: here it asks for that setting and for the time.
sqs.unix_time = time.time
sqs.unix_time_millis = lambda: time.time() * 1000


def is_kept(self, queue_name, message):
    retention_s = self.get_queue(queue_name).message_retention_period
    return retention_s + message.sent_timestamp / 1000 > time.time()


sqs.SQSBackend.is_message_valid_based_on_retention_period = is_kept

take = sqs.SQSBackend.receive_message


def receive_message(self, queue_name, count, wait_seconds_timeout, *others, **named):
    """A long poll that looks 40 times a second and ends when its caller has left: moto's own looks on to the end of its
    time and takes a message that nobody gets."""
    end = time.monotonic() + wait_seconds_timeout
    while True:
        found = take(self, queue_name, count, 0, *others, **named)
        if found or time.monotonic() >= end:
            return found
        time.sleep(0.025)
        if has_left():
            return []


sqs.SQSBackend.receive_message = receive_message

threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
main(sys.argv[1:])
