using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Hyperbolic tangent of every value.</summary>
public static unsafe partial class Tanh
{
    /// <summary>Applies tanh.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="y">Output; may be <paramref name="x"/> itself.</param>
    public static void Forward(Workers workers, float* x, long count, float* y) => Map.Run(workers, x, x, count, y, default(Function));

    /// <summary>The gradient of <see cref="Forward"/> from its output: (1 − y²) · yGradient.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="y">Output of the forward pass.</param>
    /// <param name="yGradient">Gradient of the output.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="xGradient">Gradient of the input; overwritten; may be <paramref name="yGradient"/> itself.</param>
    public static void Backward(Workers workers, float* y, float* yGradient, long count, float* xGradient) =>
        Map.Run(workers, y, yGradient, count, xGradient, default(FunctionGradient));

    /// <summary>The definition.</summary>
    internal static void ForwardReference(float* x, long count, float* y)
    {
        for (long i = 0; i < count; i++)
        {
            y[i] = (float)Math.Tanh(x[i]);
        }
    }

    private readonly struct Function : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => LanesMath.Tanh(a);
    }

    private readonly struct FunctionGradient : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public L Apply<L>(L a, L b)
            where L : struct, ILanes<L> => (L.Of(1) - (a * a)) * b;
    }
}
