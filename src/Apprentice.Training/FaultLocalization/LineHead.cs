using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>Scores every candidate line of a window and a 'no fault' slot: mean of the line's token vectors and its features → dense → GELU → one number.</summary>
/// <remarks>Source: the pointer with a 'no fault' outcome of Allamanis et al., 2021, arXiv:2105.12787, on line vectors from character offsets. The slot's vector is that of <c>&lt;s&gt;</c>.</remarks>
public sealed class LineHead
{
    private readonly Parameter _dense;
    private readonly Parameter _denseBias;
    private readonly Parameter _output;
    private readonly Parameter _outputBias;
    private readonly float _dropout;

    /// <summary>Declares the head's parameters.</summary>
    /// <param name="config">Gives width and dropout.</param>
    /// <param name="parameters">Set to declare them in.</param>
    public LineHead(RobertaConfig config, ParameterSet parameters)
    {
        _dense = parameters.Declare("line_head.dense.weight", [config.HiddenSize, config.HiddenSize + LineFeatures.Width], decay: true);
        _denseBias = parameters.Declare("line_head.dense.bias", [config.HiddenSize], decay: false);
        _output = parameters.Declare("line_head.out_proj.weight", [1, config.HiddenSize], decay: true);
        _outputBias = parameters.Declare("line_head.out_proj.bias", [1], decay: false);
        _dropout = config.HiddenDropout;
    }

    /// <summary>Scores of all windows of a batch.</summary>
    /// <param name="tape">Runs and records.</param>
    /// <param name="vectors">[tokens, hidden] of the last layer.</param>
    /// <param name="tokenOffsets">First token of each window in the batch.</param>
    /// <param name="windows">The windows, in batch order.</param>
    /// <returns>Scores [rows, 1], for each window first the 'no fault' slot and then its lines; and the first row of each window, with the number of rows at the end.</returns>
    public (Tensor Scores, int[] Offsets) Scores(Tape tape, Tensor vectors, int[] tokenOffsets, IReadOnlyList<LineWindow> windows)
    {
        int[] offsets = new int[windows.Count + 1];
        List<(int Start, int End)> ranges = [];
        List<float> features = [];
        for (int w = 0; w < windows.Count; w++)
        {
            int first = tokenOffsets[w];
            ranges.Add((first, first + 1));
            features.AddRange(LineFeatures.NoFault);
            foreach (LineSpan line in windows[w].Lines)
            {
                ranges.Add((first + line.Start, first + line.End));
                features.AddRange(line.Features);
            }

            offsets[w + 1] = ranges.Count;
        }

        Tensor lines = tape.MeanRows(vectors, [.. ranges]);  // [rows, hidden]
        Tensor counts = tape.Constant(features.ToArray(), ranges.Count, LineFeatures.Width);
        Tensor inner = tape.GeluOf(tape.Linear(tape.JoinColumns(tape.DropoutOf(lines, _dropout), counts), _dense, _denseBias));
        return (tape.Linear(tape.DropoutOf(inner, _dropout), _output, _outputBias), offsets);
    }
}
