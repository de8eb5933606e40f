using System.Runtime.InteropServices;

namespace Apprentice.Data;

/// <summary>How alike two duplicates are.</summary>
public enum DuplicateKind
{
    /// <summary>Equal token sequences; only spacing and comments may differ.</summary>
    Exact,

    /// <summary>Equal after renaming names consistently and replacing literals (type 2).</summary>
    Renamed,

    /// <summary>The sets of token runs overlap by at least the threshold.</summary>
    Near,
}

/// <summary>A function that repeats another one.</summary>
/// <param name="Id">Id of the later function.</param>
/// <param name="OfId">Id of the function that it repeats.</param>
/// <param name="Kind">How alike they are.</param>
/// <param name="Similarity">1 for exact and renamed duplicates, else the Jaccard index of the two sets of token runs.</param>
public sealed record Duplicate(string Id, string OfId, DuplicateKind Kind, double Similarity)
{
    /// <summary>The reason as a short sentence for the ledger.</summary>
    public string Reason => Kind switch
    {
        DuplicateKind.Exact => $"same tokens as {OfId}",
        DuplicateKind.Renamed => $"same as {OfId} after renaming",
        _ => FormattableString.Invariant($"near duplicate of {OfId} (similarity {Similarity:0.00})"),
    };
}

/// <summary>Settings of the search for duplicates.</summary>
public sealed record DuplicateOptions
{
    /// <summary>Least Jaccard index of near duplicates. Default 0.8; above 1 turns the search for near duplicates off.</summary>
    public double NearThreshold { get; init; } = 0.8;

    /// <summary>Tokens in a run. Default 7: shorter runs of nameless tokens recur in unrelated code.</summary>
    public int RunLength { get; init; } = 7;

    /// <summary>Fewest tokens of a function that may be a near duplicate. Default 25: below, a common shape such as a getter is no copy.</summary>
    public int ShortestNear { get; init; } = 25;

    /// <summary>Bands of the locality-sensitive hash. Default 20; with 6 rows a pair at similarity 0.8 is found with probability 0.998, one at 0.5 is looked at with 0.27.</summary>
    public int Bands { get; init; } = 20;

    /// <summary>Hashes in a band. Default 6.</summary>
    public int RowsPerBand { get; init; } = 6;

    /// <summary>Seed of the hash functions. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(NearThreshold > 0))
        {
            yield return $"NearThreshold is {NearThreshold}; expected more than 0.";
        }

        if (RunLength < 1)
        {
            yield return $"RunLength is {RunLength}; expected 1 or more.";
        }

        if (Bands < 1 || RowsPerBand < 1)
        {
            yield return $"Bands is {Bands} and RowsPerBand is {RowsPerBand}; expected 1 or more.";
        }
    }
}

/// <summary>Functions seen so far, and whether another one repeats one of them.</summary>
/// <remarks>
/// Exact and renamed duplicates are found by hash, near ones by MinHash with bands (Broder 1997; Leskovec, Rajaraman and Ullman,
/// Mining of Massive Datasets, chapter 3) over runs of tokens whose names are numbered by first place; a pair that shares a band is then compared exactly, so
/// <see cref="Duplicate.Similarity"/> is no estimate. About 1 KB a function. Not for several threads.
/// </remarks>
public sealed class DuplicateIndex
{
    private readonly DuplicateOptions _options;
    private readonly ulong[] _multipliers;
    private readonly TokenPrint _print = new();
    private readonly List<ulong> _runs = [];
    private readonly Dictionary<UInt128, int> _exact = [];
    private readonly Dictionary<UInt128, int> _renamed = [];
    private readonly Dictionary<ulong, int> _bands = [];
    private readonly List<Entry> _entries = [];
    private CodeItem? _last;
    private Prepared _prepared;

    /// <summary>An empty index.</summary>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <exception cref="ArgumentException">The settings have problems; the message lists all.</exception>
    public DuplicateIndex(DuplicateOptions? options = null)
    {
        _options = options ?? new DuplicateOptions();
        string problems = string.Join(' ', _options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        _multipliers = new ulong[_options.Bands * _options.RowsPerBand];
        ulong state = _options.Seed;
        for (int i = 0; i < _multipliers.Length; i++)
        {
            _multipliers[i] = (state = TokenPrint.Mix(state)) | 1;
        }
    }

    /// <summary>Functions in the index.</summary>
    public int Count => _entries.Count;

    /// <summary>The most alike function of the index that <paramref name="item"/> repeats, or null. Exact goes before renamed before near; then the earliest.</summary>
    /// <param name="item">The function; rows with its id are no duplicates of it.</param>
    public Duplicate? Find(CodeItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Prepared prepared = Prepare(item);
        if (First(_exact, prepared.Exact, item, anyGroup: true, entry => entry.NextExact) is { } exact)
        {
            return new Duplicate(item.Id, exact, DuplicateKind.Exact, 1);
        }

        if (First(_renamed, prepared.Renamed, item, anyGroup: false, entry => entry.NextRenamed) is { } renamed)
        {
            return new Duplicate(item.Id, renamed, DuplicateKind.Renamed, 1);
        }

        return FindNear(item, prepared);
    }

    /// <summary>Puts a function into the index.</summary>
    /// <param name="item">The function.</param>
    public void Add(CodeItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Prepared prepared = Prepare(item);
        int place = _entries.Count;
        int[] nextInBand = new int[prepared.Bands.Length];
        for (int band = 0; band < nextInBand.Length; band++)
        {
            nextInBand[band] = Push(_bands, prepared.Bands[band], place);
        }

        _entries.Add(new Entry(item.Id, item.Group, prepared.Runs, nextInBand, Push(_exact, prepared.Exact, place), Push(_renamed, prepared.Renamed, place)));
    }

    private static int Push<T>(Dictionary<T, int> heads, T key, int place)
        where T : notnull
    {
        // Places are kept plus one, so that 0 ends a chain.
        ref int head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, key, out _);
        int next = head;
        head = place + 1;
        return next;
    }

    private static double Jaccard(uint[] a, uint[] b)
    {
        int common = 0;
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            if (a[i] == b[j])
            {
                common++;
                i++;
                j++;
            }
            else if (a[i] < b[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return (double)common / (a.Length + b.Length - common);
    }

    private string? First(Dictionary<UInt128, int> heads, UInt128 key, CodeItem item, bool anyGroup, Func<Entry, int> next)
    {
        string? found = null;
        for (int place = heads.GetValueOrDefault(key); place > 0; place = next(_entries[place - 1]))
        {
            Entry entry = _entries[place - 1];
            if (entry.Id != item.Id && (anyGroup || item.Group is null || entry.Group != item.Group))
            {
                // The chain runs from the latest to the earliest.
                found = entry.Id;
            }
        }

        return found;
    }

    private Duplicate? FindNear(CodeItem item, Prepared prepared)
    {
        Duplicate? best = null;
        int bestPlace = 0;
        HashSet<int> looked = [];
        for (int band = 0; band < prepared.Bands.Length; band++)
        {
            int place = _bands.GetValueOrDefault(prepared.Bands[band]);
            while (place > 0)
            {
                Entry entry = _entries[place - 1];
                if (looked.Add(place) && entry.Id != item.Id && (item.Group is null || entry.Group != item.Group))
                {
                    double similarity = Jaccard(prepared.Runs, entry.Runs);
                    if (similarity >= _options.NearThreshold
                        && (best is null || similarity > best.Similarity || (similarity == best.Similarity && place < bestPlace)))
                    {
                        best = new Duplicate(item.Id, entry.Id, DuplicateKind.Near, similarity);
                        bestPlace = place;
                    }
                }

                place = entry.NextInBand[band];
            }
        }

        return best;
    }

    private Prepared Prepare(CodeItem item)
    {
        // Find is usually followed by Add of the same function.
        if (ReferenceEquals(item, _last))
        {
            return _prepared;
        }

        _print.Read(item);
        uint[] runs = [];
        ulong[] bands = [];
        if (_options.NearThreshold <= 1 && _print.Count >= _options.ShortestNear)
        {
            _print.RenamedWindows(_options.RunLength, keepLiterals: false, _runs);
            _runs.Sort();
            runs = [.. _runs.Select(run => (uint)(run >> 32)).Distinct()];
            bands = Bands();
        }

        _prepared = new Prepared(_print.ExactKey(), _print.RenamedKey(), runs, bands);
        _last = item;
        return _prepared;
    }

    private ulong[] Bands()
    {
        Span<ulong> least = stackalloc ulong[_multipliers.Length];
        least.Fill(ulong.MaxValue);
        ReadOnlySpan<ulong> multipliers = _multipliers;
        foreach (ulong run in CollectionsMarshal.AsSpan(_runs))
        {
            for (int i = 0; i < multipliers.Length; i++)
            {
                // The runs are mixed already; an odd factor permutes them, the high half orders them.
                ulong hash = (run ^ multipliers[i]) * multipliers[i];
                hash ^= hash >> 32;
                least[i] = Math.Min(least[i], hash * 0x9E3779B97F4A7C15);
            }
        }

        ulong[] bands = new ulong[_options.Bands];
        for (int band = 0; band < bands.Length; band++)
        {
            ulong key = (ulong)band;
            for (int row = 0; row < _options.RowsPerBand; row++)
            {
                key = TokenPrint.Mix(key ^ least[(band * _options.RowsPerBand) + row]);
            }

            bands[band] = key;
        }

        return bands;
    }

    private readonly record struct Prepared(UInt128 Exact, UInt128 Renamed, uint[] Runs, ulong[] Bands);

    private sealed record Entry(string Id, string? Group, uint[] Runs, int[] NextInBand, int NextExact, int NextRenamed);
}

/// <summary>Finds functions that repeat others, inside a set and against other sets.</summary>
public static class Duplicates
{
    /// <summary>Rows that repeat an earlier row of the same set; dropping them leaves one of each.</summary>
    /// <param name="rows">The set, in the order of preference.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <returns>The repeating rows in their order.</returns>
    public static IReadOnlyList<Duplicate> Within(IEnumerable<CodeItem> rows, DuplicateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        DuplicateIndex index = new(options);
        List<Duplicate> found = [];
        foreach (CodeItem row in rows)
        {
            if (index.Find(row) is { } duplicate)
            {
                found.Add(duplicate);
            }
            else
            {
                index.Add(row);
            }
        }

        return found;
    }

    /// <summary>Rows that repeat a row of another set.</summary>
    /// <param name="rows">The rows to judge.</param>
    /// <param name="others">The other set, for example all real data.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    /// <returns>The repeating rows in their order.</returns>
    public static IReadOnlyList<Duplicate> Against(IEnumerable<CodeItem> rows, IEnumerable<CodeItem> others, DuplicateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(others);
        DuplicateIndex index = new(options);
        foreach (CodeItem other in others)
        {
            index.Add(other);
        }

        return [.. rows.Select(index.Find).OfType<Duplicate>()];
    }
}
