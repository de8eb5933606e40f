using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Data;

namespace Apprentice.Generation;

/// <summary>Settings of <see cref="ClonePairs.Make"/>.</summary>
public sealed record ClonePairOptions
{
    /// <summary>Non-clones for each clone. Default 1, as in the paper's reading.</summary>
    public double NegativeRatio { get; init; } = 1;

    /// <summary>Share of the non-clones that are the lexically closest of <see cref="ClosestOf"/> others. Default 0.5, as in the public data.</summary>
    public double ClosestShare { get; init; } = 0.5;

    /// <summary>How many others the closest is looked for among. Default 60, as in the public data.</summary>
    public int ClosestOf { get; init; } = 60;

    /// <summary>Also pair near misses (implementations that fail a test) with the seed's implementation, as non-clones. Default false.</summary>
    public bool NearMissesAsNegatives { get; init; }

    /// <summary>Name that the function under test gets on both sides, so that names do not give clones away. Default <c>Solve</c>; null keeps the names.</summary>
    public string? EntryName { get; init; } = "Solve";

    /// <summary>Decides which non-clones are drawn. Default 1.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Makes labelled pairs of implementations.</summary>
public static class ClonePairs
{
    /// <summary>Pairs every implementation with its seed's and with the other ones of its specification, and draws non-clones to match.</summary>
    /// <remarks>Pairs of type 1 or 2 are left out. Ids and order depend on the input and the seed only.</remarks>
    /// <param name="implementations">What passed the checks; near misses are taken only where the options say so.</param>
    /// <param name="options">Settings, or null for the defaults.</param>
    public static IReadOnlyList<ClonePair> Make(IReadOnlyList<GeneratedImplementation> implementations, ClonePairOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(implementations);
        options ??= new ClonePairOptions();
        List<ClonePair> pairs = [];
        List<Side> sides = [];
        foreach (IGrouping<string, GeneratedImplementation> group in implementations.Where(i => i.Passes).GroupBy(i => i.Seed.Id, StringComparer.Ordinal))
        {
            SeedFunction seed = group.First().Seed;
            Side[] members = [Side.Of(seed.Id, seed, seed.Code, null, options), .. group.Select(i => Side.Of(i.Id, i.Seed, i.Code, i.Provenance, options))];
            sides.AddRange(members);
            for (int a = 0; a < members.Length; a++)
            {
                for (int b = a + 1; b < members.Length; b++)
                {
                    string type = CloneType.Of(members[a].Language, members[a].Code, members[b].Code);
                    if (type is not ("T1" or "T2"))
                    {
                        pairs.Add(Pair(members[a], members[b], 1, type, seed.Id));
                    }
                }
            }
        }

        int clones = pairs.Count;
        if (options.NearMissesAsNegatives)
        {
            pairs.AddRange(implementations.Where(i => !i.Passes).Select(i => Pair(
                Side.Of(i.Seed.Id, i.Seed, i.Seed.Code, null, options), Side.Of(i.Id, i.Seed, i.Code, i.Provenance, options), 0, null, $"{i.Seed.Id}|{i.Seed.Id}~near-miss")));
        }

        AddNegatives(pairs, sides, (int)Math.Round(clones * options.NegativeRatio) - (pairs.Count - clones), options);
        return pairs;
    }

    private static void AddNegatives(List<ClonePair> pairs, List<Side> sides, int wanted, ClonePairOptions options)
    {
        if (sides.Select(s => s.SeedId).Distinct().Count() < 2)
        {
            return;
        }

        // A non-clone has a generated side, as every clone has: else 'written by hand' would mean 'not a clone'.
        Side[] generated = [.. sides.Where(s => s.Provenance is not null)];
        SeededRandom random = new(options.Seed);
        HashSet<(string, string)> taken = [];
        int close = (int)Math.Round(Math.Max(0, wanted) * options.ClosestShare);
        int attempts = 0;
        for (int made = 0; made < wanted && attempts < 20 * wanted; attempts++)
        {
            Side left = generated[random.NextInt(generated.Length)];
            Side? right = null;
            double closest = double.NegativeInfinity;
            for (int i = 0; i < (made < close ? options.ClosestOf : 1); i++)
            {
                Side other = sides[random.NextInt(sides.Count)];
                if (other.SeedId == left.SeedId || other.Language != left.Language || taken.Contains(Key(left, other)))
                {
                    continue;
                }

                double overlap = NormalForm.Overlap(left.Tokens, other.Tokens);
                if (overlap > closest)
                {
                    closest = overlap;
                    right = other;
                }
            }

            if (right is not null && taken.Add(Key(left, right)))
            {
                // The side that is written by hand comes first, as in the clones.
                (Side first, Side second) = right.Provenance is null ? (right, left) : (left, right);
                pairs.Add(Pair(first, second, 0, null, $"{first.SeedId}|{second.SeedId}"));
                made++;
            }
        }
    }

    private static (string, string) Key(Side a, Side b) => string.CompareOrdinal(a.Id, b.Id) < 0 ? (a.Id, b.Id) : (b.Id, a.Id);

    private static ClonePair Pair(Side a, Side b, int label, string? type, string problem)
    {
        Provenance provenance = (b.Provenance ?? a.Provenance)!;
        return new ClonePair
        {
            Id = $"{a.Id}+{b.Id}",
            LanguageA = a.Language.Name(),
            LanguageB = b.Language.Name(),
            CodeA = a.Code,
            CodeB = b.Code,
            Label = label,
            CloneType = type,
            Source = provenance.Strategy,
            Problem = problem,
            Origin = "llm",
            Llm = provenance.Model,
            Provenance = provenance,
        };
    }

    private sealed record Side(string Id, string SeedId, Language Language, string Code, List<string> Tokens, Provenance? Provenance)
    {
        public static Side Of(string id, SeedFunction seed, string code, Provenance? provenance, ClonePairOptions options)
        {
            Language language = Languages.Parse(seed.Language);

            // Comments of the seed's implementation go too: generated ones have none.
            string text = Comments.StripAll(language, code.ReplaceLineEndings("\n").Trim('\n'));
            if (options.EntryName is { } name)
            {
                foreach (CodeToken token in Enumerable.Reverse(Lexer.Tokenize(language, text)))
                {
                    if (token.Kind == CodeTokenKind.Identifier && token.Text(text).SequenceEqual(seed.Name))
                    {
                        text = text.Remove(token.Start, token.Length).Insert(token.Start, name);
                    }
                }
            }

            return new Side(id, seed.Id, language, text, NormalForm.Tokens(language, text), provenance);
        }
    }
}
