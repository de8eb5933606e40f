using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Apprentice.Tokenizers;

/// <summary>Remembers the tokens of pieces seen before, in bounded memory. One thread at a time.</summary>
/// <remarks>Source code repeats its pieces, so most of them never reach the merge loop. A full cache is emptied and starts again.</remarks>
internal sealed class PieceCache
{
    /// <summary>Longer pieces are rare and are merged each time.</summary>
    public const int LongestPiece = 48;

    private const int MostEntries = 1 << 16;

    private Entry[] _entries = new Entry[1 << 10];
    private char[] _characters = new char[1 << 12];
    private int _characterCount;
    private int _tokenCount;
    private int _count;

    /// <summary>Token ids of all entries.</summary>
    public int[] Ids { get; private set; } = new int[1 << 12];

    /// <summary>Bytes of each token of all entries.</summary>
    public int[] Lengths { get; private set; } = new int[1 << 12];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(ReadOnlySpan<char> piece)
    {
        ulong hash = (ulong)piece.Length * 0x9E3779B97F4A7C15UL;
        ref byte data = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(piece));
        int bytes = piece.Length * 2;
        int at = 0;
        for (; at + 8 <= bytes; at += 8)
        {
            hash = BitOperations.RotateLeft((hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref data, at))) * 0xBF58476D1CE4E5B9UL, 29);
        }

        for (; at < bytes; at += 2)
        {
            hash = BitOperations.RotateLeft((hash ^ Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref data, at))) * 0xBF58476D1CE4E5B9UL, 29);
        }

        hash ^= hash >> 31;
        hash *= 0x94D049BB133111EBUL;
        return (uint)(hash >> 32);
    }

    /// <summary>The place of a piece's tokens in <see cref="Ids"/>, or a count of 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int Start, int Count) Find(ReadOnlySpan<char> piece, uint hash)
    {
        Entry[] entries = _entries;
        int slot = (int)hash & (entries.Length - 1);
        while (true)
        {
            ref Entry entry = ref entries[slot & (entries.Length - 1)];
            if (entry.TokenCount == 0)
            {
                return (0, 0);
            }

            if (entry.Hash == hash && entry.Length == piece.Length
                && piece.SequenceEqual(_characters.AsSpan(entry.Characters, entry.Length)))
            {
                return (entry.Tokens, entry.TokenCount);
            }

            slot++;
        }
    }

    /// <summary>Stores a piece that <see cref="Find"/> did not find.</summary>
    public void Add(ReadOnlySpan<char> piece, uint hash, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        if (_count >= MostEntries)
        {
            Array.Clear(_entries);
            _count = _characterCount = _tokenCount = 0;
        }
        else if (_count * 2 >= _entries.Length)
        {
            Grow();
        }

        _characters = Room(_characters, _characterCount + piece.Length);
        Ids = Room(Ids, _tokenCount + ids.Length);
        Lengths = Room(Lengths, _tokenCount + ids.Length);
        piece.CopyTo(_characters.AsSpan(_characterCount));
        ids.CopyTo(Ids.AsSpan(_tokenCount));
        lengths.CopyTo(Lengths.AsSpan(_tokenCount));
        Place(_entries, new Entry(hash, _characterCount, _tokenCount, (ushort)piece.Length, (ushort)ids.Length));
        _characterCount += piece.Length;
        _tokenCount += ids.Length;
        _count++;
    }

    private static void Place(Entry[] entries, Entry entry)
    {
        int slot = (int)entry.Hash & (entries.Length - 1);
        while (entries[slot].TokenCount != 0)
        {
            slot = (slot + 1) & (entries.Length - 1);
        }

        entries[slot] = entry;
    }

    private void Grow()
    {
        var larger = new Entry[_entries.Length * 2];
        foreach (Entry entry in _entries)
        {
            if (entry.TokenCount != 0)
            {
                Place(larger, entry);
            }
        }

        _entries = larger;
    }

    private static T[] Room<T>(T[] array, int needed)
    {
        if (needed > array.Length)
        {
            Array.Resize(ref array, Math.Max(needed, array.Length * 2));
        }

        return array;
    }

    private readonly record struct Entry(uint Hash, int Characters, int Tokens, ushort Length, ushort TokenCount);
}
