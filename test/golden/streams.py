"""Handgrad's seeded streams (src/core/numeric/random.ts) in Python: the scripts beside this one replay its starting weights, orders and draws."""

WORD = 0xFFFFFFFF


def mix(h):
    h = ((h ^ (h >> 16)) * 0x7FEB352D) & WORD
    h = ((h ^ (h >> 15)) * 0x846CA68B) & WORD
    return h ^ (h >> 16)


def rotated(x, bits):
    return ((x << bits) | (x >> (32 - bits))) & WORD


class RandomStream:
    """xoshiro128** (Blackman and Vigna, 2021)."""

    def __init__(self, purpose, *keys):
        h = 0x9E3779B9
        for letter in purpose:
            h = mix(h ^ ord(letter))
        for key in keys:
            h = mix((mix(h) + key) & WORD)
        self.s = [mix((h + (i + 1) * 0x9E3779B9) & WORD) for i in range(4)]

    def uint32(self):
        s = self.s
        result = rotated(s[1] * 5 & WORD, 7) * 9 & WORD
        t = s[1] << 9 & WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 11)
        return result

    def uniform(self):
        return self.uint32() / 2**32

    def below(self, bound):
        """A uniform integer in [0, bound), by rejection."""
        limit = 2**32 - 2**32 % bound
        while True:
            x = self.uint32()
            if x < limit:
                return x % bound

    def shuffled(self, items):
        """Fisher and Yates, from the last item down."""
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items
