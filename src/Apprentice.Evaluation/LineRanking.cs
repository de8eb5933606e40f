namespace Apprentice.Evaluation;

/// <summary>
/// Where the faulty lines of one function stand when its lines are ordered by descending score, with ties resolved by expectation: every figure is the mean over
/// all orders of the tied lines, so that the order of the input never decides.
/// </summary>
/// <remarks>Closed forms; the reference values enumerate all orders. For tied lines the expected first rank is a + (T + 1) / (G + 1), with a lines above the
/// block of the best faulty line, T lines and G faulty ones in it.</remarks>
public readonly record struct LineRanking
{
    private readonly int _above;
    private readonly int _tied;
    private readonly int _goldTied;

    private LineRanking(int lines, int above, int tied, int goldTied, double meanRank, double reciprocalRank, double averagePrecision)
    {
        Lines = lines;
        _above = above;
        _tied = tied;
        _goldTied = goldTied;
        MeanRank = meanRank;
        ReciprocalRank = reciprocalRank;
        AveragePrecision = averagePrecision;
    }

    /// <summary>Number of lines ranked.</summary>
    public int Lines { get; }

    /// <summary>Expected rank of the first faulty line, 1-based.</summary>
    public double FirstRank => _above + (_tied + 1.0) / (_goldTied + 1.0);

    /// <summary>First rank when ties fall best.</summary>
    public int FirstRankBest => _above + 1;

    /// <summary>First rank when every tied line comes before the best faulty one, as some papers count it.</summary>
    public int FirstRankWorst => _above + _tied;

    /// <summary>Middle of best and worst: a + (T + 1) / 2. Larger than <see cref="FirstRank"/> when several faulty lines are tied.</summary>
    public double FirstRankAverage => _above + (_tied + 1) / 2.0;

    /// <summary>Expected mean rank of all faulty lines.</summary>
    public double MeanRank { get; }

    /// <summary>Expected 1 / first rank.</summary>
    public double ReciprocalRank { get; }

    /// <summary>Expected average precision.</summary>
    public double AveragePrecision { get; }

    /// <summary>First rank as a share of the lines.</summary>
    public double Exam => FirstRank / Lines;

    /// <summary>Sound lines expected before the first faulty one.</summary>
    public double FalseAlarms => FirstRank - 1;

    /// <summary>Chance that a faulty line is among the first <paramref name="k"/>: 1 − C(T−G, r) / C(T, r) with r places left in the block.</summary>
    /// <param name="k">Number of lines looked at, from 1.</param>
    public double HitAt(int k)
    {
        if (k <= _above)
        {
            return 0;
        }

        int places = Math.Min(k - _above, _tied);
        double miss = 1;
        for (int i = 0; i < places; i++)
        {
            miss *= Math.Max(0, (double)(_tied - _goldTied - i) / (_tied - i));
        }

        return 1 - miss;
    }

    /// <summary>Ranks the lines of one function.</summary>
    /// <param name="scores">One score for each line, higher is more suspicious; not NaN.</param>
    /// <param name="goldLines">1-based numbers of the faulty lines, at least one, without repetition.</param>
    /// <exception cref="ArgumentException">There is no faulty line, or one is outside the function.</exception>
    public static LineRanking Of(ReadOnlySpan<double> scores, IReadOnlyList<int> goldLines)
    {
        if (goldLines.Count == 0)
        {
            throw new ArgumentException("A ranking needs at least one faulty line.", nameof(goldLines));
        }

        int n = scores.Length;
        Span<bool> gold = n <= 1024 ? stackalloc bool[n] : new bool[n];
        gold.Clear();
        foreach (int line in goldLines)
        {
            if (line < 1 || line > n)
            {
                throw new ArgumentException($"Faulty line {line} is outside the {n} lines scored.", nameof(goldLines));
            }

            gold[line - 1] = true;
        }

        double[] sorted = scores.ToArray();
        bool[] goldSorted = gold.ToArray();
        Array.Sort(sorted, goldSorted);
        Array.Reverse(sorted);
        Array.Reverse(goldSorted);

        int above = -1, tied = 0, goldTied = 0, goldAbove = 0;
        double rankSum = 0, reciprocal = 0, precisionSum = 0;
        for (int start = 0; start < n;)
        {
            int end = start + 1;
            while (end < n && sorted[end] == sorted[start])
            {
                end++;
            }

            int inBlock = goldSorted.AsSpan(start, end - start).Count(true);
            if (inBlock > 0)
            {
                int size = end - start;
                if (above < 0)
                {
                    (above, tied, goldTied) = (start, size, inBlock);
                    reciprocal = ExpectedReciprocal(start, size, inBlock);
                }

                rankSum += inBlock * (start + (size + 1) / 2.0);
                for (int j = 1; j <= size; j++)
                {
                    double goldBefore = goldAbove + (size == 1 ? 0 : (j - 1.0) * (inBlock - 1) / (size - 1));
                    precisionSum += (double)inBlock / size * (goldBefore + 1) / (start + j);
                }

                goldAbove += inBlock;
            }

            start = end;
        }

        return new LineRanking(n, above, tied, goldTied, rankSum / goldAbove, reciprocal, precisionSum / goldAbove);
    }

    // P(first faulty line at place j of the block) = C(T−j, G−1) / C(T, G), by its ratio from one place to the next.
    private static double ExpectedReciprocal(int above, int tied, int gold)
    {
        double sum = 0, none = 1;
        for (int j = 1; j <= tied - gold + 1; j++)
        {
            double here = none * gold / (tied - j + 1);
            sum += here / (above + j);
            none -= here;
        }

        return sum;
    }
}
