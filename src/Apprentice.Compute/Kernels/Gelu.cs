using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Gaussian error linear unit: x · Φ(x), with Φ the normal distribution function, and its tanh approximation.</summary>
/// <remarks>Hendrycks and Gimpel, 2016, arXiv:1606.08415, section 2; the exact form is BERT's and RoBERTa's <c>gelu</c>, the other <c>gelu_new</c>.</remarks>
public static unsafe partial class Gelu
{
    /// <summary>Applies the exact form.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Output; may be <paramref name="x"/> itself.</param>
    public static void Forward(Workers workers, float* x, long count, float* y) => Map.Run(workers, x, x, count, y, default(Exact));

    /// <summary>The gradient of <see cref="Forward"/>.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input of the forward pass.</param>
    /// <param name="yGradient">Gradient of the output.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="xGradient">Gradient of the input; overwritten; may be <paramref name="yGradient"/> itself.</param>
    public static void Backward(Workers workers, float* x, float* yGradient, long count, float* xGradient) =>
        Map.Run(workers, x, yGradient, count, xGradient, default(ExactGradient));

    /// <summary>Applies the tanh form: x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))).</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Output; may be <paramref name="x"/> itself.</param>
    public static void TanhForward(Workers workers, float* x, long count, float* y) => Map.Run(workers, x, x, count, y, default(Approximate));

    /// <summary>The gradient of <see cref="TanhForward"/>.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input of the forward pass.</param>
    /// <param name="yGradient">Gradient of the output.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="xGradient">Gradient of the input; overwritten; may be <paramref name="yGradient"/> itself.</param>
    public static void TanhBackward(Workers workers, float* x, float* yGradient, long count, float* xGradient) =>
        Map.Run(workers, x, yGradient, count, xGradient, default(ApproximateGradient));

    /// <summary>The definition of the exact form, in double precision.</summary>
    internal static void ForwardReference(float* x, long count, float* y)
    {
        for (long i = 0; i < count; i++)
        {
            y[i] = (float)(x[i] * Normal(x[i]));
        }
    }

    /// <summary>The definition of the exact form's gradient: Φ(x) + x · φ(x).</summary>
    internal static void BackwardReference(float* x, float* yGradient, long count, float* xGradient)
    {
        for (long i = 0; i < count; i++)
        {
            double v = x[i];
            double density = Math.Exp(-0.5 * v * v) * 0.3989422804014327;
            xGradient[i] = (float)(yGradient[i] * (Normal(v) + (double.IsInfinity(v) ? 0 : v * density)));
        }
    }

    /// <summary>The definition of the tanh form.</summary>
    internal static void TanhForwardReference(float* x, long count, float* y)
    {
        for (long i = 0; i < count; i++)
        {
            double v = x[i];
            y[i] = (float)(0.5 * v * (1 + Math.Tanh(0.7978845608028654 * (v + (0.044715 * v * v * v)))));
        }
    }

    /// <summary>The definition of the tanh form's gradient.</summary>
    internal static void TanhBackwardReference(float* x, float* yGradient, long count, float* xGradient)
    {
        for (long i = 0; i < count; i++)
        {
            double v = x[i];
            double tanh = Math.Tanh(0.7978845608028654 * (v + (0.044715 * v * v * v)));
            double slope = 0.7978845608028654 * (1 + (3 * 0.044715 * v * v));
            double curved = 1 - (tanh * tanh);
            xGradient[i] = (float)(yGradient[i] * ((0.5 * (1 + tanh)) + (curved == 0 ? 0 : 0.5 * v * curved * slope)));
        }
    }

    /// <summary>Φ(x) by the series of erf near 0 and the continued fraction of erfc beyond (Abramowitz and Stegun 7.1.6 and 7.1.14), to double precision.</summary>
    private static double Normal(double x)
    {
        double z = Math.Abs(x) * 0.7071067811865476;
        if (double.IsNaN(x))
        {
            return x;
        }

        if (z < 2.5)
        {
            double term = z;
            double sum = z;
            for (int n = 1; n < 80 && term > sum * 1e-18; n++)
            {
                term *= 2 * z * z / ((2 * n) + 1);
                sum += term;
            }

            double erf = 1.1283791670955126 * Math.Exp(-z * z) * sum;
            return x > 0 ? 0.5 + (0.5 * erf) : 0.5 - (0.5 * erf);
        }

        double fraction = z;
        for (int n = 60; n >= 1; n--)
        {
            fraction = z + (n * 0.5 / fraction);
        }

        double tail = z > 40 ? 0 : 0.5 * Math.Exp(-z * z) / (fraction * 1.772453850905516);
        return x > 0 ? 1 - tail : tail;
    }

    private readonly struct Exact : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => a * LanesMath.Normal(a, out _);
    }

    private readonly struct ExactGradient : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L>
        {
            L normal = LanesMath.Normal(a, out L bell);
            return b * L.MultiplyAdd(a * L.Of(0.3989422804f), bell, normal);
        }
    }

    private readonly struct Approximate : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L>
        {
            L inner = L.Of(0.7978845608f) * L.MultiplyAdd(a * a * a, L.Of(0.044715f), a);
            return L.Of(0.5f) * a * (L.Of(1) + LanesMath.Tanh(inner));
        }
    }

    private readonly struct ApproximateGradient : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L>
        {
            L square = a * a;
            L tanh = LanesMath.Tanh(L.Of(0.7978845608f) * L.MultiplyAdd(square * a, L.Of(0.044715f), a));
            L slope = L.MultiplyAdd(square, L.Of(3 * 0.044715f * 0.7978845608f), L.Of(0.7978845608f));
            L curved = L.Of(0.5f) * a * (L.Of(1) - (tanh * tanh)) * slope;
            return b * L.MultiplyAdd(L.Of(0.5f), L.Of(1) + tanh, curved);
        }
    }
}
