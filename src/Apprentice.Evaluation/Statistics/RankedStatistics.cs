namespace Apprentice.Evaluation;

/// <summary>Average precision of scores against binary labels: Σ (R_k − R_{k−1}) P_k over the distinct scores, descending; equal scores form one threshold.</summary>
/// <remarks>As scikit-learn's <c>average_precision_score</c>. NaN without positives.</remarks>
public sealed class AveragePrecisionStatistic : IWeightedStatistic
{
    private readonly ScoreOrder _order;

    /// <summary>Sorts once; every evaluation is then one pass.</summary>
    /// <param name="scores">One score for each item, not NaN.</param>
    /// <param name="labels">True for the positives, same length.</param>
    public AveragePrecisionStatistic(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels) => _order = new ScoreOrder(scores, labels);

    /// <inheritdoc/>
    public int Items => _order.Items.Length;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        double positives = 0, all = 0, blockPositives = 0, sum = 0;
        for (int i = 0; i < _order.Items.Length; i++)
        {
            double weight = weights[_order.Items[i]];
            all += weight;
            if (_order.Positive[i])
            {
                blockPositives += weight;
            }

            if (_order.EndsBlock[i] && blockPositives > 0)
            {
                positives += blockPositives;
                sum += blockPositives * (positives / all);
                blockPositives = 0;
            }
        }

        return positives == 0 ? double.NaN : sum / positives;
    }
}

/// <summary>Area under the ROC curve: the chance that a positive scores higher than a negative, ties counting half.</summary>
/// <remarks>NaN when a class is absent.</remarks>
public sealed class RocAucStatistic : IWeightedStatistic
{
    private readonly ScoreOrder _order;

    /// <summary>Sorts once; every evaluation is then one pass.</summary>
    /// <param name="scores">One score for each item, not NaN.</param>
    /// <param name="labels">True for the positives, same length.</param>
    public RocAucStatistic(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels) => _order = new ScoreOrder(scores, labels);

    /// <inheritdoc/>
    public int Items => _order.Items.Length;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights)
    {
        double positives = 0, negatives = 0, blockPositives = 0, blockNegatives = 0, wins = 0;
        for (int i = 0; i < _order.Items.Length; i++)
        {
            double weight = weights[_order.Items[i]];
            if (_order.Positive[i])
            {
                blockPositives += weight;
            }
            else
            {
                blockNegatives += weight;
            }

            if (_order.EndsBlock[i])
            {
                wins += blockNegatives * (positives + blockPositives / 2);
                positives += blockPositives;
                negatives += blockNegatives;
                blockPositives = blockNegatives = 0;
            }
        }

        return positives == 0 || negatives == 0 ? double.NaN : wins / (positives * negatives);
    }
}

/// <summary>Items by descending score, with the ends of the blocks of equal scores.</summary>
internal sealed class ScoreOrder
{
    public ScoreOrder(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels)
    {
        if (scores.Length != labels.Length)
        {
            throw new ArgumentException($"{scores.Length} scores and {labels.Length} labels.", nameof(labels));
        }

        double[] keys = scores.ToArray();
        Items = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            Items[i] = i;
        }

        Array.Sort(keys, Items);
        Array.Reverse(keys);
        Array.Reverse(Items);
        Positive = new bool[keys.Length];
        EndsBlock = new bool[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            Positive[i] = labels[Items[i]];
            EndsBlock[i] = i + 1 == keys.Length || keys[i + 1] != keys[i];
        }
    }

    public int[] Items { get; }

    public bool[] Positive { get; }

    public bool[] EndsBlock { get; }
}
