using System.Numerics;

namespace Apprentice.Evaluation;

/// <summary>Σ numerator / Σ denominator over items. Means, precision, recall, F1 and accuracy are all of this form.</summary>
public sealed class RatioStatistic : IWeightedStatistic
{
    private readonly double[] _numerators;
    private readonly double[] _denominators;
    private readonly double _whenEmpty;

    /// <summary>Keeps the contributions of every item.</summary>
    /// <param name="numerators">Contribution to the numerator of each item.</param>
    /// <param name="denominators">Contribution to the denominator of each item, same length.</param>
    /// <param name="whenEmpty">The value when the denominator is 0. Default NaN: undefined.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public RatioStatistic(double[] numerators, double[] denominators, double whenEmpty = double.NaN)
    {
        if (numerators.Length != denominators.Length)
        {
            throw new ArgumentException($"{numerators.Length} numerators and {denominators.Length} denominators.", nameof(denominators));
        }

        (_numerators, _denominators, _whenEmpty) = (numerators, denominators, whenEmpty);
    }

    /// <summary>The mean of one value for each item.</summary>
    /// <param name="values">The values.</param>
    public static RatioStatistic Mean(double[] values)
    {
        double[] ones = new double[values.Length];
        Array.Fill(ones, 1);
        return new RatioStatistic(values, ones);
    }

    /// <inheritdoc/>
    public int Items => _numerators.Length;

    /// <summary>Contribution to the numerator of each item.</summary>
    public ReadOnlySpan<double> Numerators => _numerators;

    /// <summary>Contribution to the denominator of each item.</summary>
    public ReadOnlySpan<double> Denominators => _denominators;

    /// <inheritdoc/>
    public double Evaluate(ReadOnlySpan<double> weights) => Divide(Dot(_numerators, weights), Dot(_denominators, weights));

    internal double[] NumeratorArray => _numerators;

    internal double[] DenominatorArray => _denominators;

    /// <summary>The ratio of two sums under this statistic's rule for an empty denominator.</summary>
    internal double Divide(double numerator, double denominator) => denominator == 0 ? _whenEmpty : numerator / denominator;

    // The order of the sum depends on the vector width of the machine only, never on threads.
    internal static double Dot(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        int width = Vector<double>.Count, i = 0;
        Vector<double> first = Vector<double>.Zero, second = Vector<double>.Zero;
        for (; i <= values.Length - 2 * width; i += 2 * width)
        {
            first += new Vector<double>(values[i..]) * new Vector<double>(weights[i..]);
            second += new Vector<double>(values[(i + width)..]) * new Vector<double>(weights[(i + width)..]);
        }

        double sum = Vector.Sum(first + second);
        for (; i < values.Length; i++)
        {
            sum += values[i] * weights[i];
        }

        return sum;
    }
}
