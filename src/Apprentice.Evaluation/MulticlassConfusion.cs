namespace Apprentice.Evaluation;

/// <summary>Counts of decisions among several classes.</summary>
public sealed class MulticlassConfusion
{
    private readonly double[,] _counts; // [true class, predicted class]
    private readonly double _total;

    /// <summary>Counts decisions.</summary>
    /// <param name="labels">True classes, 0 to <paramref name="classes"/> − 1.</param>
    /// <param name="predicted">Predicted classes, same length.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a class is out of range.</exception>
    public MulticlassConfusion(IReadOnlyList<int> labels, IReadOnlyList<int> predicted, int classes)
    {
        if (labels.Count != predicted.Count)
        {
            throw new ArgumentException($"{labels.Count} labels and {predicted.Count} predictions.", nameof(predicted));
        }

        Classes = classes;
        _counts = new double[classes, classes];
        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)classes || (uint)predicted[i] >= (uint)classes)
            {
                throw new ArgumentException($"Item {i} has label {labels[i]} and prediction {predicted[i]}; there are {classes} classes.", nameof(labels));
            }

            _counts[labels[i], predicted[i]]++;
        }

        _total = labels.Count;
    }

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Share of right decisions; also the micro-averaged F1.</summary>
    public double Accuracy => Diagonal() / _total;

    /// <summary>F1 of one class against the rest; 0 when it is 0 / 0.</summary>
    /// <param name="index">The class.</param>
    public double F1(int index)
    {
        double both = Row(index) + Column(index);
        return both == 0 ? 0 : 2 * _counts[index, index] / both;
    }

    /// <summary>Mean of the F1 of all classes.</summary>
    public double MacroF1 => Enumerable.Range(0, Classes).Average(F1);

    /// <summary>Mean of the F1 of all classes, weighted by their number of items.</summary>
    public double WeightedF1 => Enumerable.Range(0, Classes).Sum(index => F1(index) * Row(index)) / _total;

    /// <summary>Matthews correlation coefficient for several classes (Gorodkin's R_K); 0 when a factor of its denominator is 0.</summary>
    public double Matthews
    {
        get
        {
            double agreement = Diagonal() * _total, cross = 0, rows = _total * _total, columns = _total * _total;
            for (int i = 0; i < Classes; i++)
            {
                cross += Row(i) * Column(i);
                rows -= Row(i) * Row(i);
                columns -= Column(i) * Column(i);
            }

            return rows == 0 || columns == 0 ? 0 : (agreement - cross) / (Math.Sqrt(rows) * Math.Sqrt(columns));
        }
    }

    /// <summary>Cohen's kappa: agreement beyond what the class frequencies give by chance.</summary>
    public double Kappa
    {
        get
        {
            double chance = Enumerable.Range(0, Classes).Sum(index => Row(index) * Column(index)) / (_total * _total);
            return chance == 1 ? double.NaN : (Accuracy - chance) / (1 - chance);
        }
    }

    private double Diagonal() => Enumerable.Range(0, Classes).Sum(index => _counts[index, index]);

    private double Row(int index) => Enumerable.Range(0, Classes).Sum(other => _counts[index, other]);

    private double Column(int index) => Enumerable.Range(0, Classes).Sum(other => _counts[other, index]);
}
