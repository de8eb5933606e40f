using System.Security.Cryptography;
using System.Text;

namespace Apprentice.Data;

/// <summary>Reproducible parts of data sets.</summary>
public static class Splits
{
    /// <summary>A part of a data set with the same mix of strata as the whole, for example of languages.</summary>
    /// <remarks>
    /// Rows are ordered within their stratum by a hash of seed and id, and the strata are interleaved in proportion to their sizes; the part is the
    /// beginning of that order. Hence the same ids, seed and count always give the same part, whatever the order of the rows; every stratum
    /// gets its share within one row of rounding for each other stratum; and a smaller part lies inside a larger one (the 50 are among the 200).
    /// </remarks>
    /// <typeparam name="T">Type of the rows.</typeparam>
    /// <param name="rows">The data set.</param>
    /// <param name="count">Rows to choose; all rows when there are fewer.</param>
    /// <param name="key">The stratum of a row.</param>
    /// <param name="id">The id of a row, unique in the data set.</param>
    /// <param name="seed">Another seed gives another part.</param>
    /// <returns>The chosen rows, in the order of <paramref name="rows"/>.</returns>
    public static IReadOnlyList<T> StratifiedSubset<T>(IEnumerable<T> rows, int count, Func<T, string> key, Func<T, string> id, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(id);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<(T Row, int Place, string Id)> all = [.. rows.Select((row, place) => (row, place, id(row)))];
        return
        [
            .. all
                .GroupBy(entry => key(entry.Row), StringComparer.Ordinal)
                .SelectMany(stratum => stratum
                    .Select(entry => (entry.Row, entry.Place, entry.Id, Rank: Hash(seed, entry.Id)))
                    .OrderBy(entry => entry.Rank).ThenBy(entry => entry.Id, StringComparer.Ordinal)
                    .Select((entry, i) => (entry.Row, entry.Place, entry.Id, Share: (i + 0.5) / stratum.Count(), Stratum: stratum.Key)))
                .OrderBy(entry => entry.Share).ThenBy(entry => entry.Stratum, StringComparer.Ordinal).ThenBy(entry => entry.Id, StringComparer.Ordinal)
                .Take(count)
                .OrderBy(entry => entry.Place)
                .Select(entry => entry.Row),
        ];
    }

    /// <summary>A part of a fault data set with the same mix of languages as the whole.</summary>
    /// <param name="rows">The data set.</param>
    /// <param name="count">Rows to choose.</param>
    /// <param name="seed">Another seed gives another part.</param>
    public static IReadOnlyList<FaultExample> StratifiedSubset(IEnumerable<FaultExample> rows, int count, ulong seed) =>
        StratifiedSubset(rows, count, row => row.Language, row => row.Id, seed);

    /// <summary>A part of a clone data set with the same mix of languages and labels as the whole.</summary>
    /// <param name="rows">The data set.</param>
    /// <param name="count">Rows to choose.</param>
    /// <param name="seed">Another seed gives another part.</param>
    public static IReadOnlyList<ClonePair> StratifiedSubset(IEnumerable<ClonePair> rows, int count, ulong seed) =>
        StratifiedSubset(rows, count, row => $"{row.LanguageA}+{row.LanguageB}+{row.Label}", row => row.Id, seed);

    /// <summary>Cuts a data set into parts that share no group (project, problem, seed function).</summary>
    /// <remarks>A group's part follows from a hash of seed and group alone, so new groups never move old ones. Shares hold on average.</remarks>
    /// <typeparam name="T">Type of the rows.</typeparam>
    /// <param name="rows">The data set.</param>
    /// <param name="group">The group of a row.</param>
    /// <param name="shares">Relative size of each part, for example 8, 1, 1.</param>
    /// <param name="seed">Another seed gives other parts.</param>
    /// <returns>One list for each share, rows in their order.</returns>
    /// <exception cref="ArgumentException">No share is above zero, or one is below.</exception>
    public static IReadOnlyList<IReadOnlyList<T>> ByGroup<T>(IEnumerable<T> rows, Func<T, string> group, IReadOnlyList<double> shares, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(shares);
        double sum = shares.Sum();
        if (!(sum > 0) || shares.Any(share => !(share >= 0)))
        {
            throw new ArgumentException($"The shares are {string.Join(", ", shares)}; expected numbers of zero or more, not all zero.", nameof(shares));
        }

        List<T>[] parts = [.. shares.Select(_ => new List<T>())];
        foreach (T row in rows)
        {
            // 53 bits fill a double exactly.
            double place = (Hash(seed, group(row)) >> 11) * (1.0 / (1UL << 53)) * sum;
            int part = 0;
            while (part < parts.Length - 1 && place >= shares[part])
            {
                place -= shares[part++];
            }

            parts[part].Add(row);
        }

        return parts;
    }

    private static ulong Hash(ulong seed, string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\n{text}"), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
