namespace Apprentice.Data;

/// <summary>Levenshtein distance in UTF-16 characters, 64 cells at a time.</summary>
/// <remarks>Source: Myers 1999 (J. ACM 46:3) in the block form of Hyyrö 2003. A common beginning and end are cut off first, so the distance of a small edit is nearly free.</remarks>
internal static class CharacterDistance
{
    /// <summary>Fewest insertions, deletions and replacements of characters that turn one text into the other.</summary>
    public static int Levenshtein(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        int same = a.CommonPrefixLength(b);
        a = a[same..];
        b = b[same..];
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            a = a[..^1];
            b = b[..^1];
        }

        if (a.Length == 0 || b.Length == 0)
        {
            return Math.Max(a.Length, b.Length);
        }

        int words = (a.Length + 63) / 64;
        Dictionary<char, ulong[]> places = [];
        for (int i = 0; i < a.Length; i++)
        {
            if (!places.TryGetValue(a[i], out ulong[]? bits))
            {
                places[a[i]] = bits = new ulong[words];
            }

            bits[i / 64] |= 1UL << (i % 64);
        }

        ulong[] none = new ulong[words], negative = new ulong[words], positive = new ulong[words];
        Array.Fill(positive, ulong.MaxValue);
        ulong last = 1UL << ((a.Length - 1) % 64);
        int distance = a.Length;
        foreach (char character in b)
        {
            ulong[] match = places.GetValueOrDefault(character, none);
            ulong carryUp = 1, carryDown = 0;
            for (int w = 0; w < words; w++)
            {
                ulong vp = positive[w], vn = negative[w];
                ulong x = match[w] | carryDown;
                ulong d0 = (((x & vp) + vp) ^ vp) | x | vn;
                ulong hp = vn | ~(d0 | vp);
                ulong hn = d0 & vp;
                if (w == words - 1)
                {
                    distance += (hp & last) != 0 ? 1 : 0;
                    distance -= (hn & last) != 0 ? 1 : 0;
                }

                ulong nextUp = hp >> 63, nextDown = hn >> 63;
                hp = (hp << 1) | carryUp;
                hn = (hn << 1) | carryDown;
                (carryUp, carryDown) = (nextUp, nextDown);
                positive[w] = hn | ~(d0 | hp);
                negative[w] = hp & d0;
            }
        }

        return distance;
    }
}
