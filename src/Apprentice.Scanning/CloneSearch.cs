using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Training;

namespace Apprentice.Scanning;

/// <summary>Finds functions that are alike: equal, equal after renaming, or close in the model's space.</summary>
/// <remarks>
/// Functions that are equal after renaming share one vector, so that copies cost nothing. Semantic classes are made by complete linkage over the most
/// similar pairs, best pair first: any two members of a class reach the threshold, so that no chain of small steps joins what is different.
/// </remarks>
public sealed class CloneSearch
{
    /// <summary>Longer functions, in characters, get no vector: what bounds memory.</summary>
    public const int LongestFunction = Localization.LongestPiece;

    private const int BlockRows = 256;
    private const int BlockColumns = 2048;

    private readonly CloneSearchOptions _options;
    private readonly List<Entry> _entries = [];
    private int _short;

    /// <summary>An empty search.</summary>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public CloneSearch(CloneSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string[] problems = [.. options.Problems()];
        _options = problems.Length == 0 ? options : throw new ArgumentException(string.Join(" ", problems), nameof(options));
    }

    /// <summary>Functions held so far.</summary>
    public int Functions => _entries.Count;

    private sealed record Entry(string Path, Language Language, FunctionText Function, string Exact, string Renamed);

    /// <summary>Adds the functions of a file.</summary>
    /// <param name="source">The file.</param>
    public void Add(SourceText source)
    {
        foreach (FunctionText function in FunctionText.Of(source))
        {
            if (function.EndLine - function.StartLine + 1 < _options.MinimumLines)
            {
                _short++;
                continue;
            }

            _entries.Add(new Entry(
                source.Path, source.Language, function,
                Hash(source.Language, NormalForm.Tokens(source.Language, function.Text)),
                Hash(source.Language, NormalForm.Renamed(source.Language, function.Text))));
        }
    }

    /// <summary>Groups all functions.</summary>
    /// <param name="model">Any model but one with a pair head.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="progress">Told functions with a vector, and how many there will be; may be null.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="TrainingException">The model compares pairs and has no space to search.</exception>
    public CloneSearchResult Find(TaskModel model, Workers workers, IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.PairHead is not null)
        {
            throw new TrainingException("This model has a pair head: it scores two functions at a time and has no vectors to search with. Train one with clone_head: siamese, or use the built-in model.");
        }

        double threshold = _options.Threshold ?? (model.Settings.Task == "clone-detection" ? model.Settings.Threshold : CloneSearchOptions.BaseModelThreshold);

        // One group for each renamed form, in the order of its first member.
        List<List<Entry>> groups = [.. _entries.GroupBy(entry => entry.Renamed, StringComparer.Ordinal).Select(group => group.ToList())];
        List<int> embedded = [.. Enumerable.Range(0, groups.Count).Where(i => groups[i][0].Function.Text.Length <= LongestFunction)];
        float[] vectors = Embed(model, [.. embedded.Select(i => groups[i][0].Function.Text)], workers, progress, cancellationToken, out int width);
        List<(int A, int B, float Cosine)> pairs = Nearest(vectors, embedded.Count, width, (float)threshold, workers, cancellationToken, out bool cut);
        List<CloneClass> classes = [];
        bool[] grouped = new bool[groups.Count];
        foreach (List<int> cluster in Clusters(pairs, vectors, width, (float)threshold, cancellationToken))
        {
            foreach (int member in cluster)
            {
                grouped[embedded[member]] = true;
            }

            classes.Add(Semantic(cluster, embedded, groups, vectors, width));
        }

        for (int i = 0; i < groups.Count; i++)
        {
            if (!grouped[i] && groups[i].Count > 1)
            {
                Entry first = groups[i][0];
                bool exact = groups[i].TrueForAll(entry => entry.Exact == first.Exact);
                classes.Add(new CloneClass(exact ? CloneKind.Exact : CloneKind.Renamed, 1, [.. groups[i].Select(entry => Member(entry, first, 1))]));
            }
        }

        return new CloneSearchResult(
            _entries.Count, _short, groups.Where(group => group[0].Function.Text.Length > LongestFunction).Sum(group => group.Count), threshold,
            [.. classes.OrderBy(one => one.Kind).ThenByDescending(one => Math.Round(one.Similarity, 4)).ThenByDescending(one => one.RepeatedLines)
                .ThenBy(one => one.Members[0].Path, StringComparer.Ordinal).ThenBy(one => one.Members[0].StartLine)],
            cut);
    }

    private static CloneClass Semantic(List<int> cluster, List<int> embedded, List<List<Entry>> groups, float[] vectors, int width)
    {
        // The groups are numbered in file order, so the smallest number holds the first function.
        cluster.Sort();
        double least = 1;
        for (int i = 0; i < cluster.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                least = Math.Min(least, Cosine(vectors, width, cluster[i], cluster[j]));
            }
        }

        Entry first = groups[embedded[cluster[0]]][0];
        return new CloneClass(
            CloneKind.Semantic, least,
            [.. cluster.SelectMany(member => groups[embedded[member]].Select(entry => Member(entry, first, Cosine(vectors, width, cluster[0], member))))]);
    }

    private static CloneMember Member(Entry entry, Entry first, double cosine)
    {
        CloneKind kind = entry.Exact == first.Exact ? CloneKind.Exact : entry.Renamed == first.Renamed ? CloneKind.Renamed : CloneKind.Semantic;
        return new CloneMember(
            entry.Path, entry.Function.StartLine, entry.Function.EndLine, entry.Function.Name, entry.Language, kind, kind == CloneKind.Semantic ? Math.Min(1, cosine) : 1);
    }

    private static float[] Embed(
        TaskModel model, string[] texts, Workers workers, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken, out int width)
    {
        width = model.Encoder.Config.HiddenSize;
        float[] vectors = new float[(long)texts.Length * width];
        int done = 0;
        foreach (float[] vector in CloneDetector.Embed(model, texts, workers))
        {
            cancellationToken.ThrowIfCancellationRequested();
            vector.CopyTo(vectors, (long)done++ * width);
            progress?.Report((done, texts.Length));
        }

        return vectors;
    }

    /// <summary>The pairs that reach the threshold, best first, no more than the options allow: a product of blocks, so that memory does not grow with the square.</summary>
    private unsafe List<(int A, int B, float Cosine)> Nearest(
        float[] vectors, int count, int width, float threshold, Workers workers, CancellationToken cancellationToken, out bool cut)
    {
        cut = false;

        // The worst pair kept is on top; of equal ones the last in order.
        PriorityQueue<(int A, int B), (float Cosine, int A, int B)> best = new(Comparer<(float Cosine, int A, int B)>.Create((x, y) =>
            x.Cosine != y.Cosine ? x.Cosine.CompareTo(y.Cosine) : x.A != y.A ? y.A.CompareTo(x.A) : y.B.CompareTo(x.B)));
        float[] block = new float[BlockRows * BlockColumns];
        fixed (float* all = vectors)
        fixed (float* product = block)
        {
            for (int row = 0; row < count; row += BlockRows)
            {
                int rows = Math.Min(BlockRows, count - row);
                for (int column = row; column < count; column += BlockColumns)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    int columns = Math.Min(BlockColumns, count - column);
                    Gemm.Multiply(
                        workers, false, true, rows, columns, width, 1, all + ((long)row * width), width, all + ((long)column * width), width, 0, product, columns);
                    for (int i = 0; i < rows; i++)
                    {
                        for (int j = Math.Max(0, row + i + 1 - column); j < columns; j++)
                        {
                            float cosine = product[(i * columns) + j];
                            if (cosine >= threshold)
                            {
                                (int A, int B) pair = (row + i, column + j);
                                if (best.Count < _options.MostPairs)
                                {
                                    best.Enqueue(pair, (cosine, pair.A, pair.B));
                                }
                                else
                                {
                                    cut = true;
                                    best.EnqueueDequeue(pair, (cosine, pair.A, pair.B));
                                }
                            }
                        }
                    }
                }
            }
        }

        List<(int, int, float)> pairs = new(best.Count);
        while (best.TryDequeue(out (int A, int B) pair, out (float Cosine, int, int) key))
        {
            pairs.Add((pair.A, pair.B, key.Cosine));
        }

        pairs.Reverse();
        return pairs;
    }

    private static IEnumerable<List<int>> Clusters(
        List<(int A, int B, float Cosine)> pairs, float[] vectors, int width, float threshold, CancellationToken cancellationToken)
    {
        Dictionary<int, List<int>> clusters = [];
        foreach ((int a, int b, _) in pairs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            List<int> first = Of(a);
            List<int> second = Of(b);
            if (first != second && first.TrueForAll(x => second.TrueForAll(y => Cosine(vectors, width, x, y) >= threshold - 1e-5)))
            {
                (List<int> larger, List<int> smaller) = first.Count >= second.Count ? (first, second) : (second, first);
                larger.AddRange(smaller);
                foreach (int member in smaller)
                {
                    clusters[member] = larger;
                }
            }
        }

        return clusters.OrderBy(item => item.Key).Select(item => item.Value).Distinct().Where(cluster => cluster.Count > 1);

        List<int> Of(int member)
        {
            ref List<int>? cluster = ref CollectionsMarshal.GetValueRefOrAddDefault(clusters, member, out _);
            return cluster ??= [member];
        }
    }

    private static double Cosine(float[] vectors, int width, int a, int b)
    {
        ReadOnlySpan<float> x = vectors.AsSpan(a * width, width);
        ReadOnlySpan<float> y = vectors.AsSpan(b * width, width);
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum += new Vector<float>(x[i..]) * new Vector<float>(y[i..]);
        }

        double total = Vector.Sum(sum);
        for (; i < width; i++)
        {
            total += x[i] * y[i];
        }

        return total;
    }

    private static string Hash(Language language, List<string> tokens) =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes($"{language.Name()}\u0001{string.Join('\u0001', tokens)}".AsSpan())));
}
