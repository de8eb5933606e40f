using System.Text.Json;
using System.Text.Json.Serialization;
using Apprentice.Compute;
using Apprentice.Data;

namespace Apprentice.Generation;

/// <summary>A function that may be shown in a prompt, or for which demonstrations are chosen.</summary>
/// <param name="Id">Id of the example or seed.</param>
/// <param name="Text">Its source text; equal texts are never shown to each other.</param>
/// <param name="Vector">Its embedding.</param>
public sealed record EmbeddedFunction(string Id, string Text, float[] Vector);

/// <summary>Settings of <see cref="Demonstrations"/>.</summary>
public sealed record DemonstrationOptions
{
    /// <summary>Demonstrations per prompt, and clusters they are chosen from. Default 2, as in the paper.</summary>
    public int Shots { get; init; } = 2;

    /// <summary>Seed of the clustering and of the fallback. Default 42, as in the paper's sibling study.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Texts that must not be shown: those of test functions, faulty and fixed.</summary>
    public IReadOnlySet<string> Excluded { get; init; } = new HashSet<string>();

    /// <summary>Names the embedder in the saved file: the hash of its weights. Default empty.</summary>
    public string Embedder { get; init; } = "";
}

/// <summary>Which demonstrations each query function is shown.</summary>
/// <remarks>
/// K-means with one cluster per shot over the pool; for each query from each cluster the member with the highest cosine to it, so that
/// the shots are relevant and differ. With fewer members than clusters they are drawn at random under the seed.
/// </remarks>
public sealed class Demonstrations
{
    private const int FormatVersion = 1;

    private readonly Dictionary<string, IReadOnlyList<string>> _choices;

    private Demonstrations(string embedder, Dictionary<string, IReadOnlyList<string>> choices)
    {
        Embedder = embedder;
        _choices = choices;
    }

    /// <summary>Hash of the embedder's weights, or empty.</summary>
    public string Embedder { get; }

    /// <summary>Ids of the queries, in the order they were given.</summary>
    public IReadOnlyCollection<string> Queries => _choices.Keys;

    /// <summary>Ids of the demonstrations for <paramref name="query"/>, in the order they are shown.</summary>
    /// <param name="query">Id of a query.</param>
    /// <exception cref="KeyNotFoundException">The query was not among those chosen for.</exception>
    public IReadOnlyList<string> For(string query) => _choices.TryGetValue(query, out IReadOnlyList<string>? ids)
        ? ids
        : throw new KeyNotFoundException($"No demonstrations were chosen for '{query}'; choose again after seeds were added.");

    /// <summary>Chooses demonstrations for every query.</summary>
    /// <param name="pool">Labelled faults of the real training set.</param>
    /// <param name="queries">Functions to ask for.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public static Demonstrations Choose(IReadOnlyList<EmbeddedFunction> pool, IReadOnlyList<EmbeddedFunction> queries, DemonstrationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(queries);
        options ??= new DemonstrationOptions();
        EmbeddedFunction[] members = [.. pool.Where(m => !options.Excluded.Contains(m.Text)).DistinctBy(m => m.Text)];
        Clustering? clusters = options.Shots > 0 && members.Length >= options.Shots
            ? KMeans.Fit([.. members.Select(m => m.Vector)], options.Shots, options.Seed)
            : null;
        Dictionary<string, IReadOnlyList<string>> choices = new(StringComparer.Ordinal);
        foreach ((int at, EmbeddedFunction query) in queries.Index())
        {
            choices.Add(query.Id, ChooseFor(members, clusters, query, options, at));
        }

        return new Demonstrations(options.Embedder, choices);
    }

    /// <summary>Writes <c>demonstrations.json</c>, so that prompts are a function of files only.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        DemonstrationsDocument document = new()
        {
            FormatVersion = FormatVersion,
            Embedder = Embedder,
            Choices = [.. _choices.Select(c => new DemonstrationChoiceDto { Query = c.Key, Demonstrations = [.. c.Value] })],
        };
        string temporary = path + ".tmp";
        await File.WriteAllTextAsync(temporary, JsonSerializer.Serialize(document, DemonstrationsJson.Default.DemonstrationsDocument) + "\n", cancellationToken).ConfigureAwait(false);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads what <see cref="SaveAsync"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DatasetException">The file is absent or no such document.</exception>
    public static async Task<Demonstrations> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            DemonstrationsDocument document = await JsonSerializer.DeserializeAsync(stream, DemonstrationsJson.Default.DemonstrationsDocument, cancellationToken).ConfigureAwait(false)
                ?? throw new DatasetException(path, null, "is the JSON value null; expected an object with 'embedder' and 'choices'.");
            if (document.FormatVersion > FormatVersion)
            {
                throw new DatasetException(path, null, $"has format version {document.FormatVersion}; this program reads up to {FormatVersion}.");
            }

            Dictionary<string, IReadOnlyList<string>> choices = new(StringComparer.Ordinal);
            foreach (DemonstrationChoiceDto choice in document.Choices ?? throw new DatasetException(path, null, "has no 'choices'."))
            {
                if (choice is not { Query: { } query, Demonstrations: { } ids } || !choices.TryAdd(query, ids))
                {
                    throw new DatasetException(path, null, $"choice {choices.Count + 1} lacks 'query' or 'demonstrations', or repeats a query.");
                }
            }

            return new Demonstrations(document.Embedder ?? "", choices);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DatasetException(path, null, $"cannot be read as demonstrations: {error.Message}", error);
        }
    }

    private static List<string> ChooseFor(EmbeddedFunction[] members, Clustering? clusters, EmbeddedFunction query, DemonstrationOptions options, int at)
    {
        List<string> chosen = [];
        for (int cluster = 0; clusters is not null && cluster < options.Shots; cluster++)
        {
            EmbeddedFunction? best = null;
            double highest = double.NegativeInfinity;
            for (int i = 0; i < members.Length; i++)
            {
                if (clusters.Assignment[i] == cluster && MayShow(members[i], query) && Cosine(members[i].Vector, query.Vector) is double cosine && cosine > highest)
                {
                    highest = cosine;
                    best = members[i];
                }
            }

            if (best is not null)
            {
                chosen.Add(best.Id);
            }
        }

        if (chosen.Count < options.Shots)
        {
            // A cluster may be empty, or hold nothing but the query itself.
            EmbeddedFunction[] rest = [.. members.Where(m => MayShow(m, query) && !chosen.Contains(m.Id))];
            new SeededRandom(options.Seed + (ulong)at).Shuffle(rest.AsSpan());
            chosen.AddRange(rest.Take(options.Shots - chosen.Count).Select(m => m.Id));
        }

        return chosen;
    }

    private static bool MayShow(EmbeddedFunction member, EmbeddedFunction query) => member.Id != query.Id && member.Text != query.Text;

    private static double Cosine(float[] a, float[] b)
    {
        double product = 0, lengthA = 0, lengthB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            lengthA += (double)a[i] * a[i];
            lengthB += (double)b[i] * b[i];
        }

        return lengthA == 0 || lengthB == 0 ? 0 : product / Math.Sqrt(lengthA * lengthB);
    }
}

internal sealed record DemonstrationsDocument
{
    public int FormatVersion { get; init; }

    public string? Embedder { get; init; }

    public List<DemonstrationChoiceDto>? Choices { get; init; }
}

internal sealed record DemonstrationChoiceDto
{
    public string? Query { get; init; }

    public List<string>? Demonstrations { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DemonstrationsDocument))]
internal sealed partial class DemonstrationsJson : JsonSerializerContext;
