using Apprentice.Models;
using Apprentice.Tokenizers;
using Apprentice.Training;

namespace Apprentice.Scanning.Tests;

/// <summary>A model with drawn weights, small enough to be made in a test: it predicts nothing, but everything around it works as with a real one.</summary>
internal static class TinyModel
{
    private const string Text = "public static int Add(int a, int b) { return a + b; } def add(a, b): return a + b  for (int i = 0; i < n; i++) { sum += values[i]; } if x is None: return";

    public static TaskModel Create(TaskSettings? settings = null)
    {
        ByteLevelBpe tokenizer = BpeTrainer.Train(Enumerable.Repeat(Text, 4), new BpeTrainerOptions { VocabularySize = 300 });
        RobertaConfig config = new()
        {
            VocabularySize = tokenizer.VocabularySize, HiddenSize = 16, HiddenLayers = 1, AttentionHeads = 2, IntermediateSize = 32, MaximumPositionEmbeddings = 130,
            PadTokenId = tokenizer.PadId, BeginTokenId = tokenizer.StartId, EndTokenId = tokenizer.EndId,
        };
        return TaskModel.CreateRandom(config, tokenizer, settings ?? new TaskSettings(), seed: 7);
    }
}
