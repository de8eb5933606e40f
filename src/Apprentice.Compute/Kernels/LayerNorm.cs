namespace Apprentice.Compute;

/// <summary>Layer normalisation of each row: y = gain · (x − mean(x)) / √(variance(x) + ε) + bias.</summary>
/// <remarks>Ba, Kiros and Hinton, 2016, arXiv:1607.06450, equation 4; the variance divides by the width, ε under the root.</remarks>
public static unsafe partial class LayerNorm
{
    /// <summary>Normalises every row.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input, shape [rows, width].</param>
    /// <param name="gain">Learned factor, shape [width].</param>
    /// <param name="bias">Learned summand, shape [width].</param>
    /// <param name="eps">ε, added to the variance.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="y">Output, shape [rows, width]; may be <paramref name="x"/> itself.</param>
    /// <param name="mean">Mean of each row, shape [rows], for the backward pass.</param>
    /// <param name="inverseDeviation">1/√(variance + ε) of each row, shape [rows], for the backward pass.</param>
    public static void Forward(
        Workers workers, float* x, float* gain, float* bias, float eps, int rows, int width, float* y, float* mean, float* inverseDeviation) =>
        ForwardReference(x, gain, bias, eps, rows, width, y, mean, inverseDeviation);

    /// <summary>The gradient of <see cref="Forward"/>.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input of the forward pass, shape [rows, width].</param>
    /// <param name="gain">Learned factor, shape [width].</param>
    /// <param name="mean">Mean of each row.</param>
    /// <param name="inverseDeviation">Inverse deviation of each row.</param>
    /// <param name="yGradient">Gradient of the output, shape [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="xGradient">Gradient of the input; overwritten; may be <paramref name="yGradient"/> itself.</param>
    /// <param name="gainGradient">Gradient of the gain, shape [width]; added to.</param>
    /// <param name="biasGradient">Gradient of the bias, shape [width]; added to.</param>
    public static void Backward(
        Workers workers, float* x, float* gain, float* mean, float* inverseDeviation, float* yGradient, int rows, int width,
        float* xGradient, float* gainGradient, float* biasGradient) =>
        BackwardReference(x, gain, mean, inverseDeviation, yGradient, rows, width, xGradient, gainGradient, biasGradient);

    /// <summary>The definition of the forward pass.</summary>
    internal static void ForwardReference(
        float* x, float* gain, float* bias, float eps, int rows, int width, float* y, float* mean, float* inverseDeviation)
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = x + ((long)row * width);
            float* to = y + ((long)row * width);
            double sum = 0;
            for (int i = 0; i < width; i++)
            {
                sum += from[i];
            }

            // The mean is subtracted before squaring: rows whose mean is far above their deviation would otherwise cancel.
            double center = sum / width;
            double squares = 0;
            for (int i = 0; i < width; i++)
            {
                squares += (from[i] - center) * (from[i] - center);
            }

            double inverse = 1 / Math.Sqrt((squares / width) + eps);
            mean[row] = (float)center;
            inverseDeviation[row] = (float)inverse;
            for (int i = 0; i < width; i++)
            {
                to[i] = (float)((gain[i] * (from[i] - center) * inverse) + bias[i]);
            }
        }
    }

    /// <summary>The definition of the backward pass.</summary>
    internal static void BackwardReference(
        float* x, float* gain, float* mean, float* inverseDeviation, float* yGradient, int rows, int width,
        float* xGradient, float* gainGradient, float* biasGradient)
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = x + ((long)row * width);
            float* upstream = yGradient + ((long)row * width);
            float* to = xGradient + ((long)row * width);
            double sum = 0;
            double product = 0;
            for (int i = 0; i < width; i++)
            {
                double normal = (from[i] - (double)mean[row]) * inverseDeviation[row];
                sum += (double)upstream[i] * gain[i];
                product += (double)upstream[i] * gain[i] * normal;
                gainGradient[i] += (float)(upstream[i] * normal);
                biasGradient[i] += upstream[i];
            }

            for (int i = 0; i < width; i++)
            {
                double normal = (from[i] - (double)mean[row]) * inverseDeviation[row];
                to[i] = (float)(inverseDeviation[row] * (((double)upstream[i] * gain[i]) - (sum / width) - (normal * product / width)));
            }
        }
    }
}
