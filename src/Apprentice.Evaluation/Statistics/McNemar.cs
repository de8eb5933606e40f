using System.Numerics;
using MathNet.Numerics;

namespace Apprentice.Evaluation;

/// <summary>McNemar's test for two classifiers on the same items.</summary>
/// <param name="ExactP">Two-sided binomial test of min(b, c) of b + c at 1/2; 1 when b + c = 0.</param>
/// <param name="MidP">Exact p minus the probability of the observed split (1 − f/2 when b = c); NaN when b + c = 0.</param>
/// <param name="ChiSquare">(|b − c| − 1)² / (b + c), with continuity correction; 0 when b + c = 0.</param>
/// <param name="ChiSquareP">Its upper tail with one degree of freedom.</param>
public sealed record McNemar(double ExactP, double MidP, double ChiSquare, double ChiSquareP)
{
    /// <summary>Tests whether the two kinds of disagreement are equally likely.</summary>
    /// <param name="onlyFirst">b: items that only the first has right.</param>
    /// <param name="onlySecond">c: items that only the second has right.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative.</exception>
    public static McNemar Test(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        int n = onlyFirst + onlySecond, small = Math.Min(onlyFirst, onlySecond);
        if (n == 0)
        {
            return new McNemar(1, double.NaN, 0, 1);
        }

        // Whole numbers keep the tail exact for any n that a test set can have.
        BigInteger coefficient = BigInteger.One, tail = BigInteger.One;
        for (int i = 1; i <= small; i++)
        {
            coefficient = coefficient * (n - i + 1) / i;
            tail += coefficient;
        }

        double probability = Share(coefficient, n);
        double exact = onlyFirst == onlySecond ? 1 : Math.Min(1, Share(2 * tail, n));
        double mid = onlyFirst == onlySecond ? 1 - probability / 2 : exact - probability;
        double distance = Math.Abs(onlyFirst - onlySecond) - 1.0;
        double chi = distance * distance / n;
        return new McNemar(exact, mid, chi, SpecialFunctions.Erfc(Math.Sqrt(chi / 2)));
    }

    // count / 2^n; the shift keeps 64 bits of the quotient, so that neither side overflows a double.
    private static double Share(BigInteger count, int n)
    {
        int shift = (int)Math.Max(0, (long)count.GetBitLength() - 64);
        return Math.ScaleB((double)(count >> shift), shift - n);
    }
}
