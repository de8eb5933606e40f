namespace Apprentice.Tokenizers;

/// <summary>Merges the symbols of one piece, lowest rank first, leftmost first among equals. Holds scratch memory: one thread at a time.</summary>
internal sealed class PieceMerger(MergeTable merges)
{
    // Below this many symbols a scan for the smallest rank beats the heap.
    private const int HeapFrom = 48;

    private int[] _next = new int[64];
    private int[] _previous = new int[64];
    private int[] _ranks = new int[64];
    private int[] _results = new int[64];
    private readonly PriorityQueue<int, long> _heap = new();

    /// <summary>Merges in place.</summary>
    /// <param name="ids">Token per symbol; the result at the front.</param>
    /// <param name="lengths">Bytes per symbol; the result at the front.</param>
    /// <returns>Number of tokens left.</returns>
    public int Merge(Span<int> ids, Span<int> lengths) =>
        ids.Length < HeapFrom ? MergeByScan(ids, lengths) : MergeByHeap(ids, lengths);

    internal int MergeByScan(Span<int> ids, Span<int> lengths)
    {
        int count = ids.Length;
        Reserve(count);
        Span<int> ranks = _ranks.AsSpan(0, count);
        Span<int> results = _results.AsSpan(0, count);
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.Rank(ids[i], ids[i + 1], out results[i]);
        }

        while (count > 1)
        {
            int best = 0;
            int bestRank = ranks[0];
            for (int i = 1; i < count - 1; i++)
            {
                if (ranks[i] < bestRank)
                {
                    bestRank = ranks[i];
                    best = i;
                }
            }

            if (bestRank == int.MaxValue)
            {
                break;
            }

            ids[best] = results[best];
            lengths[best] += lengths[best + 1];
            int tail = count - best - 2;
            ids.Slice(best + 2, tail).CopyTo(ids[(best + 1)..]);
            lengths.Slice(best + 2, tail).CopyTo(lengths[(best + 1)..]);
            ranks.Slice(best + 2, tail).CopyTo(ranks[(best + 1)..]);
            results.Slice(best + 2, tail).CopyTo(results[(best + 1)..]);
            count--;
            if (best > 0)
            {
                ranks[best - 1] = merges.Rank(ids[best - 1], ids[best], out results[best - 1]);
            }

            if (best + 1 < count)
            {
                ranks[best] = merges.Rank(ids[best], ids[best + 1], out results[best]);
            }
        }

        return count;
    }

    internal int MergeByHeap(Span<int> ids, Span<int> lengths)
    {
        int count = ids.Length;
        Reserve(count);
        _heap.Clear();
        for (int i = 0; i < count; i++)
        {
            _previous[i] = i - 1;
            _next[i] = i + 1 < count ? i + 1 : -1;
            _ranks[i] = int.MaxValue;
            if (i + 1 < count)
            {
                Offer(ids, i);
            }
        }

        while (_heap.TryDequeue(out int at, out long priority))
        {
            // Stale when the pair at this place was merged away or has become another pair.
            if (_ranks[at] != (int)(priority >> 32))
            {
                continue;
            }

            int right = _next[at];
            ids[at] = _results[at];
            lengths[at] += lengths[right];
            _ranks[right] = int.MaxValue;
            lengths[right] = 0;
            _next[at] = _next[right];
            if (_next[at] >= 0)
            {
                _previous[_next[at]] = at;
                Offer(ids, at);
            }
            else
            {
                _ranks[at] = int.MaxValue;
            }

            if (_previous[at] >= 0)
            {
                Offer(ids, _previous[at]);
            }
        }

        int kept = 0;
        for (int i = 0; i >= 0; i = _next[i])
        {
            ids[kept] = ids[i];
            lengths[kept++] = lengths[i];
        }

        return kept;
    }

    private void Offer(Span<int> ids, int at)
    {
        int rank = merges.Rank(ids[at], ids[_next[at]], out _results[at]);
        _ranks[at] = rank;
        if (rank != int.MaxValue)
        {
            _heap.Enqueue(at, ((long)rank << 32) | (uint)at);
        }
    }

    private void Reserve(int count)
    {
        if (_next.Length < count)
        {
            int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count);
            _next = new int[size];
            _previous = new int[size];
            _ranks = new int[size];
            _results = new int[size];
        }
    }
}
