"""A stand-in for upstream's attention kernels."""


def mix(last, first, share):
    return last + share * first
