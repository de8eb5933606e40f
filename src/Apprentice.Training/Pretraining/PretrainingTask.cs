using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Models;
using Apprentice.Tokenizers;

namespace Apprentice.Training;

/// <summary>Self-supervised training on functions: masked tokens, a pointer to rule-made faults, and the contrast of two views; no labelled fault and no clone pair.</summary>
/// <remarks>
/// Sources: masked tokens as in RoBERTa, Liu et al., 2019, arXiv:1907.11692; rule-made faults with a 'no fault' outcome as in Allamanis et al., 2021, arXiv:2105.12787;
/// two views of one text against the others of the batch as in SimCSE, Gao et al., 2021, arXiv:2104.08821, with renaming as in Jain et al., 2021, arXiv:2007.04973.
/// Each function of a batch serves one of the three; all sequences go through the encoder together.
/// </remarks>
public sealed class PretrainingTask : ITrainingTask
{
    private readonly TaskModel _model;
    private readonly IReadOnlyList<(string Code, Language Language)> _functions;
    private readonly PretrainingOptions _options;
    private readonly Mutator _mutator = new();
    private readonly int _maskId;

    /// <summary>A task over functions.</summary>
    /// <param name="model">A base model with language head and line head.</param>
    /// <param name="functions">Text and language of correct functions.</param>
    /// <param name="options">Shares and weights.</param>
    public PretrainingTask(TaskModel model, IReadOnlyList<(string Code, Language Language)> functions, PretrainingOptions options)
    {
        _model = model;
        _functions = functions;
        _options = options;
        _maskId = model.Tokenizer.MaskId;
    }

    /// <inheritdoc/>
    public int Count => _functions.Count;

    /// <summary>Losses of the last step: masked tokens, pointer, contrast. NaN for one that the batch had no item for.</summary>
    public (double Masked, double Pointer, double Contrast) LastLosses { get; private set; }

    /// <inheritdoc/>
    public (Tensor Loss, int Tokens) Loss(Tape tape, IReadOnlyList<int> items, SeededRandom random)
    {
        int maskedCount = (int)Math.Round(items.Count * _options.MaskedShare);
        int pointerCount = (int)Math.Round(items.Count * _options.PointerShare);
        if (items.Count - maskedCount - pointerCount == 1)
        {
            // One function alone has nothing to contrast with.
            maskedCount++;
        }

        List<int[]> sequences = [];
        List<int> maskedRows = [];
        List<int> maskedLabels = [];
        int tokens = 0;
        for (int i = 0; i < maskedCount; i++)
        {
            int[] ids = [.. OneWindow(_functions[items[i]].Code, random)];
            Mask(ids, random, tokens, maskedRows, maskedLabels, _options.MaskedTokens, _maskId, _model.Tokenizer.VocabularySize);
            tokens += ids.Length;
            sequences.Add(ids);
        }

        if (maskedRows.Count == 0 && sequences.Find(ids => ids.Length > 2) is { } shortOne)
        {
            // A few short functions may have no token chosen; a step needs a loss.
            int before = sequences.TakeWhile(ids => ids != shortOne).Sum(ids => ids.Length);
            maskedRows.Add(before + 1);
            maskedLabels.Add(shortOne[1]);
            shortOne[1] = _maskId;
        }

        List<LineWindow> windows = [];
        List<float> targets = [];
        for (int i = maskedCount; i < maskedCount + pointerCount && i < items.Count; i++)
        {
            (string code, Language language) = _functions[items[i]];
            IReadOnlyList<int> faultyLines = [];
            if (random.NextInt(2) == 1 && _mutator.Mutate(language, code, random.NextInt) is { } mutation)
            {
                (code, faultyLines) = (mutation.Code, mutation.FaultyLines);
            }

            IReadOnlyList<LineWindow> own = LineWindow.Cut(code, language, _model.Tokenizer, _options.TrainingLength, faultyLines);
            LineWindow window = own[own.Count == 1 ? 0 : random.NextInt(own.Count)];
            windows.Add(window);
            targets.AddRange(FaultTrainingTask.Targets(window, faultyLines));
            sequences.Add(window.Ids);
        }

        int firstView = sequences.Count;
        List<int[]> secondViews = [];
        for (int i = maskedCount + pointerCount; i < items.Count; i++)
        {
            (string code, Language language) = _functions[items[i]];
            sequences.Add(FirstWindow(random.NextInt(2) == 0 ? code : Renaming.Rename(language, code, random.NextInt)));
            secondViews.Add(FirstWindow(Renaming.Rename(language, code, random.NextInt)));
        }

        sequences.AddRange(secondViews);
        RaggedBatch batch = RaggedBatch.Of(sequences);
        Tensor vectors = _model.Encoder.Encode(tape, batch);
        List<(Tensor Loss, float Weight)> terms = [];
        (double masked, double pointer, double contrast) = (double.NaN, double.NaN, double.NaN);
        if (maskedRows.Count > 0)
        {
            Tensor logits = _model.LanguageHead!.Logits(tape, tape.GatherRows(vectors, [.. maskedRows]));
            Tensor loss = tape.CrossEntropyOf(logits, [.. maskedLabels]);
            masked = loss.Span[0];
            terms.Add((loss, 1));
        }

        if (windows.Count > 0)
        {
            int[] windowOffsets = [.. Enumerable.Range(maskedCount, windows.Count).Select(s => batch.Offsets[s])];
            (Tensor scores, int[] offsets) = _model.LineHead!.Scores(tape, vectors, windowOffsets, windows);
            Tensor loss = tape.GroupedCrossEntropy(scores, offsets, [.. targets]);
            pointer = loss.Span[0];
            terms.Add((loss, 1));
        }

        if (secondViews.Count > 1)
        {
            (int Start, int End) Range(int sequence) => (batch.Offsets[sequence], batch.Offsets[sequence + 1]);
            Tensor first = tape.UnitRows(tape.MeanRows(vectors, [.. Enumerable.Range(firstView, secondViews.Count).Select(Range)]));
            Tensor second = tape.UnitRows(tape.MeanRows(vectors, [.. Enumerable.Range(firstView + secondViews.Count, secondViews.Count).Select(Range)]));
            Tensor loss = tape.ContrastiveLoss(first, second, (float)_options.Temperature);
            contrast = loss.Span[0];
            terms.Add((loss, (float)_options.ContrastWeight));
        }

        LastLosses = (masked, pointer, contrast);
        return (tape.WeightedSum([.. terms]), batch.Tokens);
    }

    private int[] FirstWindow(string code) => FunctionTokens.Cut(code, _model.Tokenizer, _options.TrainingLength)[0];

    private int[] OneWindow(string code, SeededRandom random)
    {
        IReadOnlyList<int[]> windows = FunctionTokens.Cut(code, _model.Tokenizer, _options.TrainingLength);
        return windows[windows.Count == 1 ? 0 : random.NextInt(windows.Count)];
    }

    /// <summary>Masks tokens in place: of those chosen 80 % become the mask, 10 % a random token, 10 % stay (Devlin et al., 2018, arXiv:1810.04805).</summary>
    internal static void Mask(int[] ids, SeededRandom random, int offset, List<int> rows, List<int> labels, double share, int maskId, int vocabulary)
    {
        for (int i = 1; i < ids.Length - 1; i++)
        {
            if (random.NextDouble() >= share)
            {
                continue;
            }

            rows.Add(offset + i);
            labels.Add(ids[i]);
            int draw = random.NextInt(10);
            ids[i] = draw < 8 ? maskId : draw == 8 ? random.NextInt(vocabulary) : ids[i];
        }
    }
}
