namespace Apprentice.Code;

/// <summary>Levenshtein distance: the least number of single insertions, deletions and replacements that turn one sequence into another.</summary>
/// <remarks>
/// Source: Hyyrö, 2003, "A Bit-Vector Algorithm for Computing Levenshtein and Damerau Edit Distances", in blocks of 64 rows, after Myers, 1999.
/// Time n·m/64 steps for lengths n and m, memory n + m plus one bit vector for each different symbol.
/// </remarks>
public static class EditDistance
{
    /// <summary>Distance of two texts in Unicode code points; a lone surrogate counts as one.</summary>
    /// <param name="a">One text.</param>
    /// <param name="b">The other text.</param>
    public static int Of(string a, string b) => Compute(CodePoints(a), CodePoints(b));

    /// <summary>Distance of two token sequences in tokens.</summary>
    /// <param name="a">One sequence.</param>
    /// <param name="b">The other sequence.</param>
    public static int Of(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        return Compute(Numbered(a, ids), Numbered(b, ids));
    }

    /// <summary>Distance of two program texts in tokens, comments not counted.</summary>
    /// <param name="language">Language of both texts.</param>
    /// <param name="a">One text.</param>
    /// <param name="b">The other text.</param>
    public static int OfTokens(Language language, string a, string b) => Of(NormalForm.Tokens(language, a), NormalForm.Tokens(language, b));

    /// <summary>The defining dynamic programme, for tests.</summary>
    internal static int Reference(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int best = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = best;
            }
        }

        return row[b.Length];
    }

    internal static int Compute(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int prefix = a.CommonPrefixLength(b);
        a = a[prefix..];
        b = b[prefix..];
        while (a.Length > 0 && b.Length > 0 && a[^1] == b[^1])
        {
            a = a[..^1];
            b = b[..^1];
        }

        if (a.Length > b.Length)
        {
            ReadOnlySpan<int> longer = a;
            a = b;
            b = longer;
        }

        return a.Length == 0 ? b.Length : BitParallel(a, b);
    }

    /// <summary>The shorter sequence stands in the rows, 64 to a word; the longer one runs over the columns.</summary>
    private static int BitParallel(ReadOnlySpan<int> rows, ReadOnlySpan<int> columns)
    {
        int words = (rows.Length + 63) / 64;
        Dictionary<int, int> slots = [];
        foreach (int symbol in rows)
        {
            slots.TryAdd(symbol, slots.Count + 1);
        }

        // Vector 0 is that of a symbol that no row has.
        ulong[] matches = new ulong[(slots.Count + 1) * words];
        for (int i = 0; i < rows.Length; i++)
        {
            matches[(slots[rows[i]] * words) + (i / 64)] |= 1UL << (i % 64);
        }

        ulong[] positive = new ulong[words];
        ulong[] negative = new ulong[words];
        Array.Fill(positive, ulong.MaxValue);
        int distance = rows.Length;
        ulong last = 1UL << ((rows.Length - 1) % 64);
        foreach (int symbol in columns)
        {
            ReadOnlySpan<ulong> equal = matches.AsSpan(slots.GetValueOrDefault(symbol) * words, words);
            ulong positiveCarry = 1;
            ulong negativeCarry = 0;
            for (int word = 0; word < words; word++)
            {
                ulong vertical = positive[word];
                ulong falling = negative[word];
                ulong match = equal[word] | negativeCarry;
                ulong diagonal = (((match & vertical) + vertical) ^ vertical) | match | falling;
                ulong horizontalPositive = falling | ~(diagonal | vertical);
                ulong horizontalNegative = vertical & diagonal;
                if (word == words - 1)
                {
                    distance += (horizontalPositive & last) != 0 ? 1 : (horizontalNegative & last) != 0 ? -1 : 0;
                }

                ulong nextPositive = horizontalPositive >> 63;
                ulong nextNegative = horizontalNegative >> 63;
                horizontalPositive = (horizontalPositive << 1) | positiveCarry;
                horizontalNegative = (horizontalNegative << 1) | negativeCarry;
                positive[word] = horizontalNegative | ~(diagonal | horizontalPositive);
                negative[word] = horizontalPositive & diagonal;
                positiveCarry = nextPositive;
                negativeCarry = nextNegative;
            }
        }

        return distance;
    }

    private static int[] CodePoints(string text)
    {
        int[] points = new int[text.Length];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            points[count++] = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? char.ConvertToUtf32(text[i], text[++i]) : text[i];
        }

        return points[..count];
    }

    private static int[] Numbered(IReadOnlyList<string> tokens, Dictionary<string, int> ids)
    {
        int[] numbers = new int[tokens.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!ids.TryGetValue(tokens[i], out int id))
            {
                ids.Add(tokens[i], id = ids.Count);
            }

            numbers[i] = id;
        }

        return numbers;
    }
}
