namespace Apprentice.Compute.Tests;

public sealed unsafe class MemoryTests
{
    [Fact]
    public void Arena_Pieces_AreAlignedAndApart()
    {
        using Arena arena = new();
        float* last = null;
        for (int size = 0; size < 100; size++)
        {
            float* piece = arena.Allocate(size);
            Assert.Equal(0u, (nuint)piece % 64);
            Assert.True(last is null || size == 1 || piece - last >= size - 1);
            new Span<float>(piece, size).Fill(size);
            last = piece;
        }
    }

    [Fact]
    public void Arena_AfterReset_HandsOutTheSameMemory()
    {
        using Arena arena = new();
        float* first = arena.Allocate(1000);
        arena.Allocate(50_000_000);
        long reserved = arena.ReservedBytes, peak = arena.PeakBytes;
        Assert.InRange(peak, 50_001_000L * 4, 50_001_100L * 4);
        for (int step = 0; step < 3; step++)
        {
            arena.Reset();
            Assert.True(first == arena.Allocate(1000));
            arena.Allocate(50_000_000);
            Assert.Equal(reserved, arena.ReservedBytes);
            Assert.Equal(peak, arena.PeakBytes);
        }
    }

    [Fact]
    public void Arena_AllocateZeroed_ClearsWhatWasThere()
    {
        using Arena arena = new();
        new Span<float>(arena.Allocate(100), 100).Fill(7);
        arena.Reset();
        Assert.DoesNotContain(7f, new Span<float>(arena.AllocateZeroed(100), 100).ToArray());
    }

    [Fact]
    public void Arena_NegativeSize_Throws()
    {
        using Arena arena = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = arena.Allocate(-1); });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1_000_000)]
    public void NativeBuffer_New_IsZeroedAndAligned(int floats)
    {
        using NativeBuffer buffer = new(floats);
        Assert.Equal(0u, (nuint)buffer.Pointer % 64);
        Assert.Equal(floats, buffer.Span.Length);
        Assert.False(buffer.Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void NativeBuffer_AfterDispose_Throws()
    {
        NativeBuffer buffer = new(4);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
    }
}
