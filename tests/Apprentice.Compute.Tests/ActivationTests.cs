namespace Apprentice.Compute.Tests;

public sealed unsafe class ActivationTests
{
    [Fact]
    public void GeluAndTanh_WholeRange_MatchReference() => Kernel.AtEveryLevel(level =>
    {
        const int Count = 20011;
        using NativeBuffer x = new(Count), upstream = Kernel.Random(Count, 4), y = new(Count), expected = new(Count);
        for (int i = 0; i < Count; i++)
        {
            x.Span[i] = (i - 10005) * 0.0012f;
        }

        x.Span[7] = float.NaN;
        Gelu.ForwardReference(x.Pointer, Count, expected.Pointer);
        Gelu.Forward(Kernel.Two, x.Pointer, Count, y.Pointer);
        Kernel.Close(expected.Span, y.Span, 1e-6, 1e-7, $"{level} gelu");
        Gelu.BackwardReference(x.Pointer, upstream.Pointer, Count, expected.Pointer);
        Gelu.Backward(Kernel.Two, x.Pointer, upstream.Pointer, Count, y.Pointer);
        Kernel.Close(expected.Span, y.Span, 1e-6, 5e-7, $"{level} gelu gradient");
        Gelu.TanhForwardReference(x.Pointer, Count, expected.Pointer);
        Gelu.TanhForward(Kernel.Two, x.Pointer, Count, y.Pointer);
        Kernel.Close(expected.Span, y.Span, 1e-6, 1e-6, $"{level} tanh gelu");
        Gelu.TanhBackwardReference(x.Pointer, upstream.Pointer, Count, expected.Pointer);
        Gelu.TanhBackward(Kernel.Two, x.Pointer, upstream.Pointer, Count, y.Pointer);
        Kernel.Close(expected.Span, y.Span, 2e-6, 5e-6, $"{level} tanh gelu gradient");
        Tanh.ForwardReference(x.Pointer, Count, expected.Pointer);
        Tanh.Forward(Kernel.Two, x.Pointer, Count, y.Pointer);
        Kernel.Close(expected.Span, y.Span, 5e-7, 1e-9, $"{level} tanh");
    });
}
