namespace Apprentice.Models;

/// <summary>Several token sequences one after the other, without padding.</summary>
public sealed class RaggedBatch
{
    private RaggedBatch(int[] ids, int[] offsets)
    {
        Ids = ids;
        Offsets = offsets;
    }

    /// <summary>Token ids of all sequences, [tokens].</summary>
    public int[] Ids { get; }

    /// <summary>First token of each sequence, and the number of tokens at the end: [sequences + 1].</summary>
    public int[] Offsets { get; }

    /// <summary>Number of sequences.</summary>
    public int Sequences => Offsets.Length - 1;

    /// <summary>Number of tokens; all of them are useful ones.</summary>
    public int Tokens => Ids.Length;

    /// <summary>Joins sequences.</summary>
    /// <param name="sequences">Token ids of each; none may be empty.</param>
    /// <exception cref="ArgumentException">A sequence is empty, or there is none.</exception>
    public static RaggedBatch Of(IReadOnlyList<int[]> sequences)
    {
        if (sequences.Count == 0 || sequences.Any(sequence => sequence.Length == 0))
        {
            throw new ArgumentException($"A batch needs sequences with at least one token; got lengths [{string.Join(", ", sequences.Select(s => s.Length))}].", nameof(sequences));
        }

        int[] offsets = new int[sequences.Count + 1];
        for (int i = 0; i < sequences.Count; i++)
        {
            offsets[i + 1] = offsets[i] + sequences[i].Length;
        }

        int[] ids = new int[offsets[^1]];
        for (int i = 0; i < sequences.Count; i++)
        {
            sequences[i].CopyTo(ids, offsets[i]);
        }

        return new RaggedBatch(ids, offsets);
    }
}
