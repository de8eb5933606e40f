namespace Apprentice.Evaluation;

/// <summary>The scored lines of one function for the pooled figures.</summary>
/// <param name="CalledFaulty">True when the function is called faulty: its lines are read before those of all others.</param>
/// <param name="Scores">One score for each line that counts.</param>
/// <param name="Gold">True for the faulty ones of these lines, same length.</param>
public sealed record ScoredLines(bool CalledFaulty, double[] Scores, bool[] Gold);

/// <summary>Lines that must be read until a share of all faulty lines is found, as a share of all lines (Effort@20%Recall).</summary>
/// <remarks>
/// All lines of all functions form one list: functions called faulty first, each part by descending score. The target is max(1, ⌊share · faulty lines⌋).
/// Ties by expectation: the m-th of G faulty lines among T tied ones stands at m (T + 1) / (G + 1). NaN without faulty lines. Definition: LineVul (Fu and
/// Tantithamthavorn, 2022) as in the reference values.
/// </remarks>
public sealed class EffortStatistic : IWeightedStatistic
{
    private readonly PooledLines _lines;
    private readonly double _share;

    /// <summary>Sorts once.</summary>
    /// <param name="functions">One entry for each item.</param>
    /// <param name="share">Share of the faulty lines to find. Default 0.2.</param>
    public EffortStatistic(IReadOnlyList<ScoredLines> functions, double share = 0.2)
        : this(new PooledLines(functions), share)
    {
    }

    internal EffortStatistic(PooledLines lines, double share = 0.2) => (_lines, _share) = (lines, share);

    /// <inheritdoc/>
    public int Items => _lines.Functions;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        (double total, double gold) = _lines.Totals(weights);
        if (gold == 0)
        {
            return double.NaN;
        }

        double target = Math.Max(1, Math.Floor(_share * gold)), read = 0, found = 0, tied = 0, goldTied = 0;
        foreach (ref readonly PooledLines.Line line in _lines.Ordered)
        {
            double weight = weights[line.Function];
            tied += weight;
            goldTied += line.Gold ? weight : 0;
            if (!line.EndsBlock)
            {
                continue;
            }

            if (found + goldTied >= target)
            {
                return (read + (target - found) * (tied + 1) / (goldTied + 1)) / total;
            }

            read += tied;
            found += goldTied;
            tied = goldTied = 0;
        }

        return 1;
    }
}

/// <summary>Share of all faulty lines among the first part of all lines (Recall@1%LOC).</summary>
/// <remarks>The first ⌊share · lines⌋ lines of the list that <see cref="EffortStatistic"/> describes; ties by expectation. NaN without faulty lines.</remarks>
public sealed class RecallAtEffortStatistic : IWeightedStatistic
{
    private readonly PooledLines _lines;
    private readonly double _share;

    /// <summary>Sorts once.</summary>
    /// <param name="functions">One entry for each item.</param>
    /// <param name="share">Share of all lines to read. Default 0.01.</param>
    public RecallAtEffortStatistic(IReadOnlyList<ScoredLines> functions, double share = 0.01)
        : this(new PooledLines(functions), share)
    {
    }

    internal RecallAtEffortStatistic(PooledLines lines, double share = 0.01) => (_lines, _share) = (lines, share);

    /// <inheritdoc/>
    public int Items => _lines.Functions;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        (double total, double gold) = _lines.Totals(weights);
        if (gold == 0)
        {
            return double.NaN;
        }

        double budget = Math.Floor(_share * total), found = 0, tied = 0, goldTied = 0;
        foreach (ref readonly PooledLines.Line line in _lines.Ordered)
        {
            double weight = weights[line.Function];
            tied += weight;
            goldTied += line.Gold ? weight : 0;
            if (!line.EndsBlock || tied == 0)
            {
                continue;
            }

            if (tied >= budget)
            {
                return (found + goldTied * (budget / tied)) / gold;
            }

            budget -= tied;
            found += goldTied;
            tied = goldTied = 0;
        }

        return found / gold;
    }
}

/// <summary>All lines of all functions in reading order.</summary>
internal sealed class PooledLines
{
    private readonly Line[] _ordered;
    private readonly double[] _lineCounts;
    private readonly double[] _goldCounts;

    public PooledLines(IReadOnlyList<ScoredLines> functions)
    {
        List<(bool Called, double Score, int Function, bool Gold)> all = [];
        _lineCounts = new double[functions.Count];
        _goldCounts = new double[functions.Count];
        for (int f = 0; f < functions.Count; f++)
        {
            ScoredLines function = functions[f];
            if (function.Scores.Length != function.Gold.Length)
            {
                throw new ArgumentException($"Function {f} has {function.Scores.Length} scores and {function.Gold.Length} labels.", nameof(functions));
            }

            for (int line = 0; line < function.Scores.Length; line++)
            {
                all.Add((function.CalledFaulty, function.Scores[line], f, function.Gold[line]));
            }

            _lineCounts[f] = function.Scores.Length;
            _goldCounts[f] = function.Gold.Count(gold => gold);
        }

        all.Sort((a, b) => a.Called != b.Called ? b.Called.CompareTo(a.Called) : b.Score.CompareTo(a.Score));
        _ordered = new Line[all.Count];
        for (int i = 0; i < all.Count; i++)
        {
            bool ends = i + 1 == all.Count || all[i + 1].Called != all[i].Called || all[i + 1].Score != all[i].Score;
            _ordered[i] = new Line(all[i].Function, all[i].Gold, ends);
        }
    }

    public int Functions => _lineCounts.Length;

    public ReadOnlySpan<Line> Ordered => _ordered;

    public (double Lines, double Gold) Totals(ReadOnlySpan<double> weights)
    {
        double lines = 0, gold = 0;
        for (int f = 0; f < weights.Length; f++)
        {
            lines += weights[f] * _lineCounts[f];
            gold += weights[f] * _goldCounts[f];
        }

        return (lines, gold);
    }

    internal readonly record struct Line(int Function, bool Gold, bool EndsBlock);
}
