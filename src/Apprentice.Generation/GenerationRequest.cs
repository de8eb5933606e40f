using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>A request with what is needed to judge its answer.</summary>
/// <param name="Request">What is asked.</param>
/// <param name="Seed">The function or specification it is about.</param>
/// <param name="Demonstrations">Ids of what the prompt shows, in order.</param>
/// <param name="Strategy">Name of the prompt's template.</param>
/// <param name="PromptHash">Hash of the prompt's template.</param>
public sealed record GenerationRequest(ChatRequest Request, SeedFunction Seed, IReadOnlyList<string> Demonstrations, string Strategy, string PromptHash)
{
    /// <summary>All fault requests for some seeds, seed by seed.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="seeds">The correct functions.</param>
    /// <param name="demonstrations">What to show for each seed, or null for a prompt without demonstrations.</param>
    /// <param name="real">The real faults that demonstrations name.</param>
    /// <exception cref="KeyNotFoundException">A seed has no choice, or a choice names an absent example.</exception>
    public static IReadOnlyList<GenerationRequest> Faults(
        FaultPrompt prompt, IEnumerable<SeedFunction> seeds, Demonstrations? demonstrations, IEnumerable<FaultExample> real)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(seeds);
        Dictionary<string, FaultExample> byId = real.ToDictionary(r => r.Id, StringComparer.Ordinal);
        return [.. seeds.SelectMany(seed =>
        {
            IReadOnlyList<string> ids = demonstrations?.For(seed.Id) ?? [];
            FaultExample[] shown = [.. ids.Select(id => byId.TryGetValue(id, out FaultExample? row)
                ? row
                : throw new KeyNotFoundException($"Demonstration '{id}' of seed '{seed.Id}' is not among the real examples; choose demonstrations again."))];
            return prompt.Requests(seed, shown).Select(r => new GenerationRequest(r, seed, ids, prompt.Template.Name, prompt.Template.Hash));
        })];
    }

    /// <summary>All clone requests for some specifications, one after the other.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="seeds">The specifications.</param>
    /// <param name="demonstrations">Specifications with implementations to show in every prompt but their own; none for a zero-shot prompt.</param>
    public static IReadOnlyList<GenerationRequest> Clones(ClonePrompt prompt, IEnumerable<SeedFunction> seeds, IReadOnlyList<SeedFunction> demonstrations)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(demonstrations);
        return [.. seeds.SelectMany(seed =>
        {
            SeedFunction[] shown = [.. demonstrations.Where(d => d.Id != seed.Id)];
            string[] ids = [.. shown.Select(d => d.Id)];
            return prompt.Requests(seed, shown).Select(r => new GenerationRequest(r, seed, ids, prompt.Template.Name, prompt.Template.Hash));
        })];
    }
}
