namespace Apprentice.Code;

/// <summary>A range of one sequence that stands in place of a range of another.</summary>
internal readonly record struct DiffBlock(int StartA, int LengthA, int StartB, int LengthB);

/// <summary>Differences of two number sequences by repeatedly taking the longest run that both share.</summary>
/// <remarks>
/// Source: Ratcliff and Obershelp's gestalt matching as in CPython's Lib/difflib.py (SequenceMatcher without junk), whose choice among equally
/// long runs (first in the first sequence, then first in the second) is kept. Time is quadratic at worst in the part between common ends.
/// </remarks>
internal static class SequenceDiff
{
    /// <summary>The differing ranges in order; ranges that touch are one.</summary>
    public static List<DiffBlock> Blocks(int[] a, int[] b)
    {
        Dictionary<int, List<int>> positions = [];
        for (int j = 0; j < b.Length; j++)
        {
            if (!positions.TryGetValue(b[j], out List<int>? list))
            {
                positions.Add(b[j], list = []);
            }

            list.Add(j);
        }

        List<(int A, int B, int Length)> matches = [];
        Stack<(int A0, int A1, int B0, int B1)> open = new();
        open.Push((0, a.Length, 0, b.Length));
        int[] lengths = new int[b.Length + 1];
        int[] next = new int[b.Length + 1];
        while (open.TryPop(out (int A0, int A1, int B0, int B1) part))
        {
            (int A, int B, int Length) best = Longest(a, positions, part, ref lengths, ref next);
            if (best.Length > 0)
            {
                matches.Add(best);
                open.Push((part.A0, best.A, part.B0, best.B));
                open.Push((best.A + best.Length, part.A1, best.B + best.Length, part.B1));
            }
        }

        matches.Sort();
        matches.Add((a.Length, b.Length, 0));
        List<DiffBlock> blocks = [];
        int atA = 0;
        int atB = 0;
        foreach ((int startA, int startB, int length) in matches)
        {
            if (startA > atA || startB > atB)
            {
                blocks.Add(new DiffBlock(atA, startA - atA, atB, startB - atB));
            }

            atA = startA + length;
            atB = startB + length;
        }

        return blocks;
    }

    private static (int A, int B, int Length) Longest(
        int[] a, Dictionary<int, List<int>> positions, (int A0, int A1, int B0, int B1) part, ref int[] lengths, ref int[] next)
    {
        (int A, int B, int Length) best = (part.A0, part.B0, 0);
        List<int> touched = [];
        List<int> touchedNext = [];
        for (int i = part.A0; i < part.A1; i++)
        {
            touchedNext.Clear();
            if (positions.TryGetValue(a[i], out List<int>? list))
            {
                foreach (int j in list)
                {
                    if (j < part.B0)
                    {
                        continue;
                    }

                    if (j >= part.B1)
                    {
                        break;
                    }

                    // lengths[j] holds the run that ends at j - 1 of the second sequence.
                    int length = lengths[j] + 1;
                    next[j + 1] = length;
                    touchedNext.Add(j + 1);
                    if (length > best.Length)
                    {
                        best = (i - length + 1, j - length + 1, length);
                    }
                }
            }

            foreach (int index in touched)
            {
                lengths[index] = 0;
            }

            (lengths, next) = (next, lengths);
            (touched, touchedNext) = (touchedNext, touched);
        }

        foreach (int index in touched)
        {
            lengths[index] = 0;
        }

        return best;
    }
}
