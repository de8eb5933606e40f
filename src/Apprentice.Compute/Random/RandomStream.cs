using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Random numbers by index: any number of the stream can be asked for at any time, in any order, on any thread.</summary>
/// <remarks>
/// A backward pass regenerates the dropout mask of its forward pass instead of storing it. Two keyed rounds of the 32-bit mixer
/// 'lowbias32' (Chris Wellons, 2018, hash-prospector), which vector units of every width can do. Not for secrets.
/// The default value is the stream (0, 0) with zero keys; use the constructor.
/// </remarks>
public readonly struct RandomStream
{
    private readonly uint _key0;
    private readonly uint _key1;

    /// <summary>Opens a stream.</summary>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="stream">Number of the stream in the run, for example step × operations + operation.</param>
    public RandomStream(ulong seed, ulong stream)
    {
        ulong key = SeededRandom.Mix(SeededRandom.Mix(seed + 0x9E3779B97F4A7C15UL) ^ (stream * 0xD1342543DE82EF95UL));
        _key0 = (uint)key;
        _key1 = (uint)(key >> 32);
    }

    /// <summary>32 random bits.</summary>
    /// <param name="index">Place in the stream.</param>
    public uint UInt32(ulong index)
    {
        Keys((uint)(index >> 32), out uint inner, out uint outer);
        return Draw((uint)index, inner, outer);
    }

    /// <summary>A number from [0, 1) with 24 random bits.</summary>
    /// <param name="index">Place in the stream.</param>
    public float Uniform(ulong index) => (UInt32(index) >> 8) * (1f / (1 << 24));

    /// <summary>The smallest 24-bit draw that is kept at a dropout rate: place i is kept when <c>UInt32(i) >> 8</c> reaches it.</summary>
    internal static int DropThreshold(float rate) => (int)Math.Ceiling((double)rate * (1 << 24));

    /// <summary>The keys of the 2³² numbers whose index has <paramref name="upper"/> in its upper half.</summary>
    internal void Keys(uint upper, out uint inner, out uint outer)
    {
        inner = Mix(upper + _key1) ^ _key0;
        outer = Mix(inner + 0x9E3779B9u) + _key1;
    }

    /// <summary>The number at the lower half of an index, given the keys of its upper half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Draw(uint lower, uint inner, uint outer) => Mix(Mix(lower ^ inner) + outer);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint x)
    {
        x ^= x >> 16;
        x *= 0x7FEB352Du;
        x ^= x >> 15;
        x *= 0x846CA68Bu;
        x ^= x >> 16;
        return x;
    }
}
