using System.Runtime.InteropServices;

namespace Apprentice.Compute;

/// <summary>Memory of one training step: handed out piece by piece, taken back all at once.</summary>
/// <remarks>
/// Grows by chunks that are kept for the next step, so that after the first steps nothing is allocated and no page is touched for the first time.
/// Not thread-safe: one thread allocates; the pieces may be used anywhere until <see cref="Reset"/>.
/// </remarks>
public sealed unsafe class Arena : IDisposable
{
    private const long Alignment = 16;
    private const long SmallestChunk = 4 << 20;

    private readonly List<NativeBuffer> _chunks = [];
    private int _chunk;
    private long _used;
    private long _usedInFullChunks;

    /// <summary>Most bytes handed out between two resets so far, alignment included.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Bytes this arena holds from the system.</summary>
    public long ReservedBytes
    {
        get
        {
            long floats = 0;
            foreach (NativeBuffer chunk in _chunks)
            {
                floats += chunk.Length;
            }

            return floats * sizeof(float);
        }
    }

    /// <summary>Hands out a piece that starts at a multiple of 64 bytes and holds whatever was there before.</summary>
    /// <param name="floats">Number of values; 0 gives a valid pointer to nothing.</param>
    public float* Allocate(long floats)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(floats);
        long needed = (floats + Alignment - 1) / Alignment * Alignment;
        while (_chunk < _chunks.Count && _chunks[_chunk].Length - _used < needed)
        {
            _usedInFullChunks += _used;
            _used = 0;
            _chunk++;
        }

        if (_chunk == _chunks.Count)
        {
            long last = _chunks.Count == 0 ? 0 : _chunks[^1].Length;
            _chunks.Add(new NativeBuffer(Math.Max(Math.Max(needed, SmallestChunk), Math.Min(2 * last, 64 << 20)), zeroed: false));
        }

        float* piece = _chunks[_chunk].Pointer + _used;
        _used += needed;
        PeakBytes = Math.Max(PeakBytes, (_usedInFullChunks + _used) * sizeof(float));
        return piece;
    }

    /// <summary>Hands out a piece of zeros; otherwise as <see cref="Allocate"/>.</summary>
    /// <param name="floats">Number of values.</param>
    public float* AllocateZeroed(long floats)
    {
        float* piece = Allocate(floats);
        NativeMemory.Clear(piece, (nuint)floats * sizeof(float));
        return piece;
    }

    /// <summary>Takes back every piece and keeps the memory for the next step.</summary>
    public void Reset()
    {
        _chunk = 0;
        _used = 0;
        _usedInFullChunks = 0;
    }

    /// <summary>Frees the memory. No piece may be used afterwards.</summary>
    public void Dispose()
    {
        foreach (NativeBuffer chunk in _chunks)
        {
            chunk.Dispose();
        }

        _chunks.Clear();
        Reset();
    }
}
