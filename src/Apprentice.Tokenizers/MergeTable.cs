using System.Numerics;
using System.Runtime.CompilerServices;

namespace Apprentice.Tokenizers;

/// <summary>Rank and result of each pair of adjacent tokens that may be merged: an open-addressing hash table.</summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly Entry[] _entries;
    private readonly int _shift;

    public MergeTable(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        _entries = new Entry[size];
        Array.Fill(_entries, new Entry(Empty, 0, 0));
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Sets a pair; a pair that is there already takes the new rank, as in the original library's map.</summary>
    public void Set(int left, int right, int rank, int result)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        while (_entries[slot].Key != Empty && _entries[slot].Key != key)
        {
            slot = (slot + 1) & (_entries.Length - 1);
        }

        _entries[slot] = new Entry(key, rank, result);
    }

    /// <summary>Rank of a pair, or <see cref="int.MaxValue"/> when it does not merge.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right, out int result)
    {
        ulong key = Key(left, right);
        Entry[] entries = _entries;
        int slot = Slot(key);
        while (true)
        {
            ref Entry entry = ref entries[slot & (entries.Length - 1)];
            if (entry.Key == key)
            {
                result = entry.Result;
                return entry.Rank;
            }

            if (entry.Key == Empty)
            {
                result = -1;
                return int.MaxValue;
            }

            slot++;
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);

    private readonly record struct Entry(ulong Key, int Rank, int Result);
}
