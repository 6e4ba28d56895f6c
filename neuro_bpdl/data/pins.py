"""Shapes and hashes that known data must have, and whom it is due to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from neuro_bpdl.data.dataset import RawArrays, array_sha256


class Pin(NamedTuple):
    """Shape of a raw uint8 array and `array_sha256` of it."""

    shape: tuple[int, ...]
    sha256: str


MNIST: Mapping[str, Pin] = {
    "x_train": Pin((60000, 28, 28), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
    "y_train": Pin((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": Pin((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": Pin((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
MNIST_MINI: Mapping[str, Pin] = {
    "x_train": Pin((4000, 28, 28), "c6aa175e058d8ef3a96fb00bfccdb5549d00e147e72c47b79c3a0907d44d7d89"),
    "y_train": Pin((4000,), "39bbc0270774c345707a1de9a38fd0744b26e43dfac434a914041a8deceddb72"),
    "x_test": Pin((1000, 28, 28), "6973118ee26132cec5e8bca46303f598e8d7f3fd72a7056c43f828e761c432f0"),
    "y_test": Pin((1000,), "dd09f7c420b0ae3b12e27577950099656961d334160a05f57159510b1011915e"),
}
FASHION: Mapping[str, Pin] = {
    "x_train": Pin((60000, 28, 28), "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012"),
    "y_train": Pin((60000,), "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7"),
    "x_test": Pin((10000, 28, 28), "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a"),
    "y_test": Pin((10000,), "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9"),
}
FACES: Mapping[str, Pin] = {
    "x_train": Pin((80, 25, 25), "013e15fe7158da579c948181ea9be8d610000c3bba5fdde7af12787f39dc6a41"),
    "x_test": Pin((20, 25, 25), "765695b2881faddb350524df9e35e93612946a038cd02a8ba39c1c428788eda5"),
}
DIGITS: Mapping[str, Pin] = {
    "images": Pin((1797, 8, 8), "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3"),
    "labels": Pin((1797,), "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0"),
}

MNIST_ATTRIBUTION = (
    "MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges; licence: CC BY-SA 3.0 (Keras documentation) "
    "or MIT (Hugging Face data card)"
)
MNIST_MINI_ATTRIBUTION = (
    f"{MNIST_ATTRIBUTION}. A subset: the first 400/100 images per class of the official train/test sets"
)
FASHION_ATTRIBUTION = "Fashion-MNIST by Han Xiao, Kashif Rasul and Roland Vollgraf, Zalando SE; licence: MIT (Expat)"
FACES_ATTRIBUTION = (
    "100 faces of Labeled Faces in the Wild (Huang, Ramesh, Berg and Learned-Miller, 2007), as shipped with "
    "scikit-image; in 256 shades here; the last 20 are the test set"
)
DIGITS_ATTRIBUTION = (
    "UCI Optical Recognition of Handwritten Digits (test part) by E. Alpaydin and C. Kaynak, as shipped with "
    "scikit-learn; the last 360 images are the test set"
)


def mismatch(arrays: RawArrays, pins: Mapping[str, Pin]) -> str:
    """What first differs from the pins, in words; empty when everything agrees."""
    for key, pin in pins.items():
        if key not in arrays:
            return f"{key} is missing"
        array = arrays[key]
        if array.shape != pin.shape or array.dtype.str != "|u1":
            return f"{key} is {array.dtype} of shape {array.shape}, not uint8 of shape {pin.shape}"
        found = array_sha256(array)
        if found != pin.sha256:
            return f"{key} has sha256 {found[:16]}…, not {pin.sha256[:16]}…"
    return ""
