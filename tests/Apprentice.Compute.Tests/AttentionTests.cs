namespace Apprentice.Compute.Tests;

public sealed unsafe class AttentionTests
{
    [Theory]
    [InlineData(false, 0f)]
    [InlineData(true, 0f)]
    [InlineData(false, 0.3f)]
    [InlineData(true, 0.3f)]
    public void ForwardAndBackward_RaggedSequences_MatchReference(bool causal, float dropout) => Kernel.AtEveryLevel(level =>
    {
        const int Heads = 2, Size = 20, Hidden = Heads * Size, Tokens = 213;
        int[] offsets = [0, 1, 18, 70, 213];
        RandomStream random = new(5, 9);
        using NativeBuffer qkv = Kernel.Random(Tokens * 3 * Hidden, 1), upstream = Kernel.Random(Tokens * Hidden, 2);
        using NativeBuffer y = new(Tokens * Hidden), expected = new(Tokens * Hidden), sums = new(Heads * Tokens), expectedSums = new(Heads * Tokens);
        using NativeBuffer gradient = Kernel.Random(Tokens * 3 * Hidden, 3), expectedGradient = new(Tokens * 3 * Hidden);
        Attention.ForwardReference(qkv.Pointer, offsets, Heads, Size, 0.22f, causal, dropout, random, expected.Pointer, expectedSums.Pointer);
        Attention.Forward(Kernel.Two, qkv.Pointer, offsets, Heads, Size, 0.22f, causal, dropout, random, y.Pointer, sums.Pointer);
        Kernel.Close(expected.Span, y.Span, 2e-5, 1e-5, $"{level} output");
        Kernel.Close(expectedSums.Span, sums.Span, 1e-5, 1e-5, $"{level} logarithms");
        Attention.BackwardReference(
            qkv.Pointer, offsets, Heads, Size, 0.22f, causal, dropout, random, expected.Pointer, expectedSums.Pointer, upstream.Pointer, expectedGradient.Pointer);
        Attention.Backward(
            Kernel.Three, qkv.Pointer, offsets, Heads, Size, 0.22f, causal, dropout, random, y.Pointer, sums.Pointer, upstream.Pointer, gradient.Pointer);
        Kernel.Close(expectedGradient.Span, gradient.Span, 5e-5, 3e-5, $"{level} gradient");
    });
}
