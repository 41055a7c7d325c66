"""The machines that run networks, behind one protocol.

Rules of this package:

* A network comes in as bytes whose hash was checked; nothing here opens a file.
* Inputs and outputs go by name. A call states the batch by the shape of its inputs.
* A session may be called from several threads; calls never mix.
* The number of threads is a setting, and 1 by default: a server scales by requests, not within one.
* A graph that was edited for speed runs only after it was held against the file as it is.
* A graph whose results differ from the file's, if only a little, is another model with an id of its own.
* Nothing is reported to anybody: ONNX Runtime's official builds send usage events to their maker unless they
  are told not to before they are loaded. They are told here, before anything below loads them.
* OpenCV cuts and shrinks pictures on the thread that asks: left alone it wakes as many of its own as there
  are processors for every cut, and a busy server waits for the last of them. The pixels are the same on one
  thread as on many; a test compares them.
"""

import os

import cv2

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from countenance.vision.runtimes.base import InferenceSession, TensorSpec
from countenance.vision.runtimes.eight_bit import INT8_SUFFIX, eight_bit_litert_session
from countenance.vision.runtimes.fusing import faster_litert_session
from countenance.vision.runtimes.litert import LiteRtSession
from countenance.vision.runtimes.loading import ModelFormat, load_session
from countenance.vision.runtimes.onnx import OnnxSession
from countenance.vision.runtimes.openvino import (
    BF16_SUFFIX,
    OnnxRuntime,
    OpenVinoNotInstalled,
    OpenVinoSession,
    Precision,
    run_elsewhere,
)
from countenance.vision.runtimes.rewriting import Rewriting, faster_session

cv2.setNumThreads(1)  # for the whole process: OpenCV has no other way

__all__ = [
    "BF16_SUFFIX",
    "INT8_SUFFIX",
    "InferenceSession",
    "LiteRtSession",
    "ModelFormat",
    "OnnxRuntime",
    "OnnxSession",
    "OpenVinoNotInstalled",
    "OpenVinoSession",
    "Precision",
    "Rewriting",
    "TensorSpec",
    "eight_bit_litert_session",
    "faster_litert_session",
    "faster_session",
    "load_session",
    "run_elsewhere",
]
